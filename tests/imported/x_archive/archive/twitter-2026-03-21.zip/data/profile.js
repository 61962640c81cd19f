window.YTD.profile.part0 = [
  {
    "profile": {
      "description": {
        "bio": "د کندهار خبرونه",
        "website": "",
        "location": ""
      },
      "avatarMediaUrl": "https://pbs.twimg.com/profile_images/1/a.jpg"
    }
  }
]
