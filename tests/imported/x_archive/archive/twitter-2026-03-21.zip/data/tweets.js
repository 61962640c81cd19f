window.YTD.tweets.part0 = [
  {
    "tweet": {
      "created_at": "Sun Mar 01 06:00:00 +0000 2026",
      "id_str": "1900000000000000001",
      "full_text": "د هرات پر لاره واوره ورېږي. https://t.co/aaaaaaaaa1 #هرات https://t.co/aaaaaaaaa2",
      "display_text_range": [
        0,
        60
      ],
      "entities": {
        "hashtags": [
          {
            "text": "هرات",
            "indices": [
              52,
              57
            ]
          }
        ],
        "urls": [
          {
            "url": "https://t.co/aaaaaaaaa1",
            "expanded_url": "https://example.org/herat",
            "indices": [
              28,
              51
            ]
          }
        ],
        "user_mentions": [],
        "media": [
          {
            "id_str": "1899999999999999990",
            "media_url_https": "https://pbs.twimg.com/media/herat.jpg",
            "url": "https://t.co/aaaaaaaaa2",
            "expanded_url": "https://twitter.com/zarghuna_k/status/1900000000000000001/photo/1",
            "type": "photo",
            "original_info": {
              "width": 800,
              "height": 600
            }
          }
        ]
      },
      "extended_entities": {
        "media": [
          {
            "id_str": "1899999999999999990",
            "media_url_https": "https://pbs.twimg.com/media/herat.jpg",
            "url": "https://t.co/aaaaaaaaa2",
            "expanded_url": "https://twitter.com/zarghuna_k/status/1900000000000000001/photo/1",
            "type": "photo",
            "original_info": {
              "width": 800,
              "height": 600
            }
          }
        ]
      },
      "retweet_count": "4",
      "favorite_count": "17",
      "lang": "ps",
      "id": "1900000000000000001",
      "edit_info": {
        "initial": {
          "editTweetIds": [
            "1900000000000000001"
          ],
          "editableUntil": "2026-03-01T07:00:00.000Z",
          "editsRemaining": "5",
          "isEditEligible": true
        }
      }
    }
  },
  {
    "tweet": {
      "created_at": "Tue Mar 03 06:00:00 +0000 2026",
      "id_str": "1900000000000000005",
      "full_text": "سبا به ښوونځي خلاص وي. https://t.co/bbbbbbbbb1",
      "entities": {
        "urls": [
          {
            "url": "https://t.co/bbbbbbbbb1",
            "expanded_url": "https://twitter.com/imran_lhr/status/1900000000000000000"
          }
        ],
        "hashtags": [],
        "user_mentions": []
      },
      "is_quote_status": true,
      "quoted_status_id_str": "1900000000000000000",
      "lang": "ps"
    }
  }
]
