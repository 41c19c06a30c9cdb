    "a.example/ledger+15693f58+ASkDSwIWK3cGsaAGN08fK5ZKzVFQ0B7ccnMIG+9bTEnM"
