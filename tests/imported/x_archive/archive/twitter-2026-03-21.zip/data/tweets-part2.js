window.YTD.tweets.part2 = [
  {
    "tweet": {
      "id_str": "1900000000000000006",
      "id": "1900000000000000006",
      "created_at": "Wed Mar 04 06:00:00 +0000 2026",
      "full_text": "نرخ نان در بازار امروز پایین آمد. نرخ نان در بازار امروز پایین آمد. نرخ نان در بازار امروز پایین آمد. … https://t.co/ccccccccc1",
      "entities": {
        "urls": [],
        "hashtags": [],
        "user_mentions": []
      },
      "lang": "fa",
      "favorite_count": "0",
      "retweet_count": "0"
    }
  }
]
