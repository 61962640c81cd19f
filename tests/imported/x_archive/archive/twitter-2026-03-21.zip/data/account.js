window.YTD.account.part0 = [
  {
    "account": {
      "email": "nobody@example.org",
      "createdVia": "web",
      "username": "zarghuna_k",
      "accountId": "900100",
      "createdAt": "2019-05-01T08:00:00.000Z",
      "accountDisplayName": "زرغونه"
    }
  }
]
