/* corpus_exit: the ledger whose bundle stands in corpus/exit_file. Its secret key is gone. */
"a.example/ledger+15693f58+ASkDSwIWK3cGsaAGN08fK5ZKzVFQ0B7ccnMIG+9bTEnM"
