window.YTD.deleted_tweets.part0 = [
  {
    "tweet": {
      "id_str": "1900000000000000008",
      "id": "1900000000000000008",
      "created_at": "Fri Mar 06 06:00:00 +0000 2026",
      "full_text": "دا لیکنه لرې شوه.",
      "entities": {
        "urls": [],
        "hashtags": [],
        "user_mentions": []
      },
      "lang": "ps",
      "deleted_at": "2026-03-07T06:00:00.000Z"
    }
  }
]
