"""Common words of Urdu and Arabic typed in Latin letters, and of English, written down by us."""

URDU = """
hai hain hay nahi nahin nhi nai mein mai ko ki ka ke kay se aur kya kia kyun kyu kyon kon kaun kahan kab
kaise kese kaisa aap ap tum hum mujhe mjhe mera meri mere tera teri tere hamara hamari hamare hamein
humein tumhara tumhari apna apni apne apka apki aapka aapki unka unki unke unhon uska uski uske isko usko
iska iski iske inka inki yeh ye woh wo yahan wahan jab jabke phir phr agar magar lekin lekn kyunke kyunki
bhi bhe toh tou hona hota hoti hote hua hui huwa huye hoga hogi honge raha rahi rahe rha rhi rhe karna
karta karti karte karo karein karen kren krna krta krte kiya kiye gaya gayi gaye gya gyi diya diye deta
dete dena lena leta lete liya liye jata jati jate jana ana ata ati ate aya ayi aye tha thi thay wala wali
wale walay sab sabhi bohat bohot bahut buhat bht acha achha achi ache accha bura buri bilkul sirf kuch kch
koi kisi kis jis jin jinhon abhi ab tak sath saath liay pehle pehla baad baat baatein logon logo aadmi
aurat larka larki bacha bachay bachon ghar mulk awam hukumat khuda allah shukriya meherbani zaroor zarurat
dost bhai yaar yar aaj raat waqt zindagi dil pyar mohabbat khush mushkil asaan sach jhoot pata maloom
samajh dekho dekha dekh suno suna bolo bola kaha kehta kehte kehna chahiye chahte chahta sakta sakti sakte
dono teen chaar paisa paise rupay kaam kam zyada ziada thora thori thoray itna itni itne utna jitna aisa
aisi aise waisa jaisa jaise kro krti krein kre krdo krdi karlo kardo ky hn hy hein hun hoon wohi yehi wahi
yahi jo kitna kitni kitne kaisi wese waise hamesha kabhi kbhi chalo shadi wapis sahi galat ghalat khana
pani gaari gari masla bijli mehngai jhooti zabardast mashallah duain dua zindabad murdabad bachy larke
larkay ladki ladka banda bande dekhte dekhna jane jany lagta lagti lagte milta milte milti rehta rehte
rehti bataya batao bta btao sunna parhna parho likha likhna wajah lye taake takay insaan haqeeqat hakoomat
qaum awaam ameer ghareeb gareeb dushman izzat sharam besharam aik aek bhaiyo bhaion behan behen bahen ammi
abbu abba baap bap maan beti betay betiyan biwi shohar khawand doston yaaro yaron janab janaab sahab saheb
sahiba ustaad wazir wazeer azam hakumat hukumaat siyasat siasat siasi adalat adaalat faisla faislay qanoon
kanoon insaf insaaf chor choron daku lutera luteray ghaddar gaddar munafiq jhoota jhootay makkar bewakoof
bewaqoof pagal paagal jahil jaahil kutta kuttay kutte kutti gadha gadhay ullu kameena kameenay harami
haramkhor lanat laanat tauba astaghfar alhamdolillah jazakallah assalam asalam assalamu aslam walikum
alaikum namaz rozay ramadhan molvi rasool deen musalman muslmano musalmano kafir jannat jahannum dozakh
qayamat maut mout zindgi zndgi shahadat fauj foj faujion afwaj sipahi dehshat dehshatgard dehshatgardi
hamla hamlay dhamaka dhamakay halaak zakhmi afrad fard qatal qatl khoon khoni mujrim giraftar walon walo
loog awami jalsay dharna juloos naara naaray intekhab intikhabat jeet jeeta jeetay jeetna haar haray harna
khel khelna khelo khiladi maidan gaana ganay gaanay filam dramay kahani kahaniyan shair shayari ghazal
nazm kitaab kitabein lafz alfaz zuban zaban boli angrezi angreez bharti pakistanio mohajir subah subha
dopehar dopahar sham raatein parson parso haftay mahina mahinay saal salon saalon waqat wakt ghanta
ghantay jaldi jldi deir foran fauran achanak phirse dubara dobara dobaara humesha hameshaa kabhee aksar
baray badi chota chotay choti chhota chhote chhoti lamba lambi mota motay moti patla naya nayi purana
puranay purani khubsurat khoobsurat haseen pyara pyaray pyari pyare meetha meethi namkeen garam garmi
thanda thandi thand sardi barish baarish badal suraj chand sitara sitaray asman aasman zameen zamin darya
pahar samandar rasta raasta sarak sadak galiyan mohalla gaon shehar sheher ghr gharr kamra darwaza
darwazay khirki chabi chaabi bijlee paani salan chawal chaye doodh gosht murghi sabzi phal bimar bimari
beemar beemari dawai hakeem marez mareez aspatal haspatal dard takleef takleefen pareshan pareshani dukh
dukhi gham ghum khushi khushiyan hansna hansi hasna rona rotay rulana aansu ansu aankh ankh ankhen aankhen
ankhon haath hath hathon paon chehra chehray kaan naak munh dimagh damagh zehan soch socho sochna sochta
sochte sochti fikar yaad bhool bhul bhula bhoola samjho samjha samjhe samjhi samjhna samjhta samjhte pucho
poocho pucha poocha puchna pochna jwab sawal sawaal batata batate batati batana btana bataen bataein btaen
batayen batain sunao sunaya sunte suniye dekhiye dekhein dekhen dikhao dikha dikhaya dikhana chal chalna
chala chalta chalte chali challo chalein chalen ruk ruko rukna ruka bhago bhaag bhaga bhagna daur uth utho
utha uthao uthna uthaya baith baitho betho baitha baithna baithe gir girna giraya tora toota tuta toot
milo milna milay miley milenge milega dedia dya dye lelo lelia lya leya jao jaao jaye jaen jayen jaein
jayega jaega jayenge jaenge jaunga aao aaja aajao aaye aega ayega aenge ayenge aunga aungi karunga karungi
karonga krunga karega karegi karenge krega kregi krenge hojaye hojata hojati hojaega hojayega hogya hogaya
hogayi hogai hogaye hogye hgya hrha horaha horahi rhay raho rahen rahein rahega rahegi rahenge rakho rakha
rakhi rakhe rakhna rakhta rakhte rakhty parha parhi parhe parhta padha padhna likho likhta likhi kehdo
kehdia keh kaho kahaan kidhar kidher idhar idher udhar udher jidhar yaha waha yahaan wahaan ander bahar
baher upar uper oopar neeche nichay neechay agay aagay aage peeche peechay pichay samne samnay saamne
darmiyan beech qareeb kareeb tarf liyay waja wjah bagair baghair siwa siway ilawa elawa mutabiq khilaf
hawala hawalay zariye zarye bawajood halanke halankeh chunke chunkay kyunkay kionke isliye isliay tabhi
wrna balke balkay blke jabkay jaisay jesay jese jesa jesi aisay aesay aese aesa aesi wesay wesa wesi kesay
kesa konsa konsi kaunsa kitnay itnay utnay sary sari koe kuchh kush sbhi sbse sabse sub sbko sabko kisiko
kisko jisko jiska jiski jiske jisne usne isne unhone inhone unho humne tumne maine mene mainay apny apko
aapko apse aapse mujhko mujko mjko tumko hamko humko tujhe tujhko tujhay teray tumhen tumhein tmhe tumhe
hmara hmari hmare humara humari humare unko inko unse inse usse isse ussay issay jinko jinhe jinhen unhen
unhein inhen inhein khud khudi ksi kuj kxh bohut bhoat bahot bohotttt boht bohth bhtt zyda ziyada ziadah
kaafi kafi bilkl balkul shukrya meharbani mehrbani mafi maafi maaf muaf muafi khudaya rabb mola maula
hafeez mubarik mubarkan yarrr yarr yaara oye oyee oey abay abey chup chupp bakwas bakwaas mazaq mazak
mazay maza mzay mza tamashay dramebaz
"""
ARABIC = """
ana enta enti inta inti ntoma huwa hiya howa heya ehna e7na hna 7na ntouma houma humma fi fil mish mesh
mch mech mouch mosh mafi mafish mafeesh maku aku shu sho shno shnu chnou chnowa chnoua wesh wach wech esh
eish aish leh leih lesh leish 3lech 3lash 3ala 3al 3la 3an 3and 3andi 3andna 3andek 3andou 3andhom kif
kifash kifach kifeh kifech keef keif win wein wen winek fein feen emta imta waqtach wa9t wa9tech bach bash
besh 3ashan 3ashen 3shan 3chan bezaf bzaf barsha barcha yaser kteer ktir kthir awi gedan jiddan kwayes
kwayyes mnih mni7 mlih mli7 behi bahi zwin zwina wallah wallahi walah inshallah inchallah nchallah
inshalla hamdulillah hamdoulilah hamdolah 7amdulillah mashallah machallah ma3lesh ma3lech ma3lich habibi
7abibi habibti 7abibti khoya khouya khti okhti sahbi sa7bi s7abi ya3ni yani 3arabi 3rabi dzayer djazair
tounes tunes masr libnan lebnen 3raq rabi rabbi rabna rebbi yarham yer7mou ya5i yakhi kol koll kolna
kolchi kolshi hadha hatha hada hadi hedha hedhi hadchi hedi hadik hadak hathi haki7a dima daymen daiman
nta nti ntuma kayen kayn makayn makach makanch mazal mazel bezzaf chwiya chwia daba drok dork ghedda ghda
ghada lbareh flous floos flouss khedma khadma khdma nmchi nmchiw tmchi yemchi ga3 gaa3 kima kifma chkon
hadouk dial dyal dyali dyalna ta3 nta3 mte3 mta3 bte3 bta3 zalameh zalame jama3a 7ada tari2 el2alb sba7
masa2 kheir kher kifkon kifak kifik shlonak shlonkom shakhbarak 3omri 3ayouni mobarak mabrouk mabrook
7atta hatta lyoum elyom lyom ghodwa ghadwa bokra bukra embare7 mbare7 ams lbare7 nheb n7eb bheb b7eb
b7ebak nhebek n7ebek bhebbak kanet kanou kent konna raho rahi rani rak raki rahom ghir ghi gheir kenet
welah wellah chkoun shkun meen mnin mnein mneen tab3an akid akeed sa7 elli illi lli eli alli walla wala
wella aywa aywah naam laa kalam klem klam nas ennas chaab sha3b el3 elhal 7al lkhir lkheir elkheir elkhir
3likom 3alikom 3alaykom slm wa3likom hamdollah hamdoulah lhamdoulah el7amdulillah hamdlh wlh yarabi yarab
yarebi amine nchalah inchalah insha2allah nshallah mcha mchit mchina mcheti rah raha rahoum ranna rakom
rakoum kounna kount yji yjib jibou jat jaw ghadi ghadya baghi bghit bghina bghiti yebghi nebghi nhabou
yhab tehab t7eb y7eb n7ebou 7ebit habina 3ayz 3ayza 3awz 3awza 3ayzin biddi baddi bidna 2ana 2enta 2enti
hnaya howma hadou hakda hakka hakkak hakak heka hekka haka hedhom hedhika hedhaka hedheka mafhemtch
mafhemt fhemt fhamt tefhem yefham 3raft 3ref ta3ref ya3ref ma3rafch ma3raftch manich mahich mahouch mousch
mahou mashi mabghitch mahabch man7ebch makayen makaynch kaynin 3omro 3omrek 3om 5ouya 5oya 5at khat khawa
khawti khouti khotna sa7ebti s7ab sahb sadi9i sadi9 sadiki oulad wlad wlidi weldi wled bent bnat banat
rajel rjal mra nsa nssa wa7ed wahed wa7da wahda zouj tlata rab3a khamsa sitta sab3a tmanya tes3a 3achra
youm nhar lila sbah l3chia 3chia lyouma lioum elbareh ghoudwa ghdwa bledi bladi blad bladna darna edar
eddar souk trig tri9 khobz lkhobz makla mekla ma7la mahla ma7laha zayn zayen chbab chabba hlou helw 7elw
7lw 7elwa hlwa jamil jamila kbir kbira sghir sghira jdid jdida 9dim 9dima tawil 9sir kamel kamla bark
bekri bakri sa3a sa3at dkika da9i9a chhar 3am 3amin 3yit 3yina 3eyit t3ebt ta3ban ta3bana mrid marid
marida sa7a sa7tek sahtek bsa7a bsa7tek bsahtek far7an fer7an far7ana hazin 7zin mab9ach b9a b9at yeb9a
dirou dart derna ndirou ydir 3mel 3melt ya3mel ta3mel na3mel nekhdem yekhdem khdemt 9al 9alou 9alet 9ali
9alli galou galet goul golt gouli 9olt 9oul koul yakol chrab yechrab chof chouf chouft choft nchouf
nchoufou shof shuf shoft sheft chefet choufou sma3 sma3t tesma3 yesma3 jarab jarrab 7ab 7obb hobb elhob
l7ob 9alb 9albi galbi elbi albi rou7i rouhi ro7i 7yati hyati hayeti dounia denya donya dinya denia lmout
elmout maw3id rayes ra2is hokouma 7okouma 7oukouma cha3b elcha3b l3arab 3arab lmaghrib jazayer dzair
dzayri jazairi tounsi tounsia masri masria lobnan ghaza 8aza sourya souria 3ira9 tahia ta7ya tahya mabrok
mabroook mabruk inna lillah rajioun raji3oun yarhmou yarhmo yar7mo yar7am ra7ma rahma rahmat rasoul sidna
7aj 7ajj chokran choukran shokran shukran 3afwan afwan 3afak yehdik yehdikom y3aychek yaychek ya3tik
ye3tik essaha rassi 3ini 3inya 3oyouni bahibak ba7ebak bahebek ba7ebek b7ebik bhebik mushta2 wa7ashtini
wa7ashtni wahashtni kida keda kdh keteer kitir awy 2awi aktr kman kaman barra gowa fo2 ta7t wara imbarih
embareh dilwa2ti delwa2ty dlw2ty lessa lissa khalas 5alas khlas 7aga 7agat hagat 7ad had7ad mat2olsh
ma3rafsh ma3ndish m3ndish ma3andish tayeb taib tyb mashy meshy aho ahe
"""
# Of those, what other languages have too, names among them: one such word shows nothing.
ELSEWHERE = """
ab acha agar aise aku allah ams ana ap ata ate awam aya aye ayi banda bande barcha besh bola bura daba
dial dil diye dost dua eli enti fi fil gari gaya hada hadi hai hatta hay hn hui hukumat huwa hy inki inta
inti iska jab jana jati jo ka kam karen karo karta karte kay ke kent ki kima ko kol kuch ky leh lekin lli
logo lye mabrook mabrouk mafi mai mashallah mein mouch mulk nas ntoma raha rahi raho rak rhi se shu tak
teri tha thi tum wajah wala wale wali win wo yani yar ye ziada
"""
ENGLISH = """
the of and to in is that it was for on are with as his they at be this from have by had not but what all
were when we there can an your which their said if do will each about how up out them then she many some
so these would other into has more her two like him see time could no make than first been its who now
people my made over did down only way find use may water long little very after words called just where
most know get through back much before go good new write our me man too any day same right look think also
around another came come work three must because does part even place well such here take why things help
put years away again off went old number great tell men say small every found still between name should
home big give air line set own under read last never us left end along while might next sound below saw
something thought both few those always looked show large often together asked house don't world going
want i'm you he she i a
"""
# And of those, what no other language has.
ONLY_ENGLISH = """
the and of is are was were with that this have has had from they which will would their what said who you
your not but his it its been about when where there because should could than then these those after
before into our my being does how why while though through every other any many only just very today
"""
