window.__THAR_CONFIG = {
  "userInfo": {
    "accountId": "900100",
    "userName": "zarghuna_k"
  },
  "archiveInfo": {
    "sizeBytes": "1000",
    "generationDate": "2026-03-21T12:00:00.000Z",
    "isPartialArchive": false,
    "maxPartSizeBytes": "1"
  }
}
