"""What the made-up world says in Persian and English: our own sentences."""

PERSIAN = (
    "صبح امروز بازار قدیمی شهر بعد از دو سال دوباره باز شد.",
    "باران دیشب کوچه‌های بالای شهر را شست و هوا را تازه کرد.",
    "کتابخانهٔ محله از شنبه تا ساعت نُه شب باز است؛ ورود برای همه آزاد است.",
    "قیمت نان از هفتهٔ آینده تغییر می‌کند، ولی نانوایان هنوز خبر قطعی ندارند.",
    "آیا کسی از مسافران قطار صبح خبری دارد؟ قطار با سه ساعت تأخیر راه افتاده است.",
    "امسال شکوفه‌های بادام زودتر از همیشه باز شده‌اند.",
    "معلم‌های مدرسهٔ دخترانه نمایشگاه نقاشی شاگردان را برگزار کردند.",
    "جادهٔ کوهستانی به دلیل ریزش سنگ تا اطلاع بعدی بسته است.",
    "تیم فوتبال نوجوانان شهر ما دیشب با نتیجهٔ دو بر یک برنده شد.",
    "درگذشت استاد پیر خوشنویسی را به خانواده و شاگردانش تسلیت می‌گوییم.",
    "برق محلهٔ ما از ظهر قطع است و کسی نمی‌داند چه وقت وصل می‌شود.",
    "فردا هوا آفتابی است؛ بهترین روز برای کاشتن نهال.",
)

ENGLISH = (
    "What a finish! Nobody left the ground before the last ball.",
    "The women's team trains at seven tomorrow, visitors are welcome.",
    "Rain stopped play again, we will be back at noon.",
    "Tickets for Sunday are free for everyone under twelve.",
    "The new pitch is slow, and the bowlers love it.",
    "Our captain is fit again after three weeks.",
    "Does anybody have a photo of the old scoreboard?",
    "Kabaddi final on Friday, bring your grandmother.",
    "The goalkeeper saved two penalties and then the goat of the groundskeeper.",
    "We collected blankets for the flood camp at the gate.",
    "Training is moved indoors because of the dust storm.",
    "Thank you for a season full of noise and tea.",
)
