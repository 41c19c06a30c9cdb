/* corpus_keys: the ledgers whose files stand in corpus/verify. Their secret keys are gone. */
"a.example/ledger+cdc01e6c+Ab9mpUTAQZqDmolYR3gUK/Md7zLwK6uNA/F5iWhkHwvz",
    "forked.example/ledger+94d5d97e+AeHvL+byEfc5mopqVf3IEe6S7H8B7hJZQtqH72WVU0mf",
