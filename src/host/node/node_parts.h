/* node_parts: what a running node is made of, for the files that run it.
 *
 * The node's own thread of control is in node.h; here are its parts, so that each of the files that
 * look after one of them (a cell's, a federation's, its heads) can know the others.
 *
 * Owns: the clock of the node, and what is said of damage. Never: starts or stops anything. */
#ifndef CY_HOST_NODE_NODE_PARTS_H
#define CY_HOST_NODE_NODE_PARTS_H

#include "crypto/note_key.h"
#include "host/http/client.h"
#include "host/node/cell_envoy.h"
#include "host/node/federator.h"
#include "host/node/feed.h"
#include "host/node/sequencer.h"
#include "host/signer/signer_client.h"
#include "host/system/daemon_config.h"
#include "host/system/disk_posix.h"
#include "host/system/helper_thread.h"
#include "realm/witness.h"

#include <pthread.h>

#define CY_NODE_WITNESSES_MAX 16u
#define CY_NODE_NOTE_MAX CY_HEAD_NOTE_MAX

struct cy_blob_keeper;
struct cy_operator_view;
struct cy_admin;
struct cy_receipts;
struct cy_sql_keeper;

/* A head with the cosignatures it has so far. */
struct cy_node_head {
    uint64_t size;
    struct cy_id root;
    uint32_t cosigned; /* distinct witnesses */
    cy_time at;        /* when it was signed here; 0 = before this start */
    size_t n;
    char note[CY_NODE_NOTE_MAX];
};

struct cy_node_witness {
    const char *name;
    const char *url;
    const char *pin;
    struct cy_note_key key;
    uint64_t known;   /* size it cosigned last */
    cy_err err;       /* of the last try */
    cy_time since;    /* when its key was taken up here; 0 = not said */
    cy_time good_at;  /* when it cosigned last; 0 = not since this start */
    cy_time retry_at; /* a witness that failed is not asked before */
    uint64_t asked;   /* how often */
    uint64_t refused; /* how often without success */
};

struct cy_node {
    const struct cy_daemon_config *config;
    struct cy_disk_posix *posix;
    struct cy_disk disk;
    struct cy_cell *cell;
    struct cy_cell_report report;
    struct cy_federation *federation; /* a member's node of one; NULL in a cell */
    struct cy_federator *federator;   /* its thread */
    struct cy_cell_envoy *envoy;      /* speaks for the own cell; may be NULL */
    struct cy_post_peer *peers;       /* where the other members are */
    struct cy_order order;            /* who orders the realm's acts */
    struct cy_metrics *metrics;
    struct cy_metric *signer_failures;
    struct cy_feed *feed;           /* told of each head; NULL: nobody listens */
    struct cy_blob_keeper *blobs;   /* blob_keeper.h; set by the program, may be NULL */
    struct cy_operator_view *view;  /* operator_view.h; set by the program */
    struct cy_admin *admin;         /* admin.h; set by the program */
    struct cy_receipts *receipts;   /* receipts.h; set by the program */
    struct cy_sql_keeper *sql;      /* sql_keeper.h; set by the program, may be NULL */
    struct cy_tenure_book *tenures; /* tenure_book.h; set by the program, may be NULL */
    cy_time started;
    struct cy_signer_client *head_signer; /* the flusher's connection */
    struct cy_signer_client *tick_signer; /* the sequencer's */
    struct cy_head_signer signer;
    struct cy_id operator_keys[8]; /* labelled operator: past, present and next */
    uint32_t n_operator_keys;
    struct cy_id operator_key; /* the present one */
    struct cy_id log_key;
    struct cy_id witness_key;
    bool has_witness_key;
    void *memory;
    size_t memory_n;
    struct cy_helper_thread *helper; /* the cell's second processor */
    /* heads */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct cy_node_head head;  /* the newest, with what cosignatures it has */
    struct cy_node_head final; /* federation: the newest that meets the policy */
    /* [k - 1]: the newest head that at least k witnesses cosigned */
    struct cy_node_head counted[CY_NODE_WITNESSES_MAX];
    uint32_t need; /* cosignatures that make a head witnessed: wait.witnesses, else all */
    struct cy_node_witness witnesses[CY_NODE_WITNESSES_MAX];
    uint32_t n_witnesses;
    struct cy_id witness_path[CY_MERKLE_PATH_MAX + 1];
    /* as a witness of others: one request at a time */
    pthread_mutex_t witness_lock;
    struct cy_signer_client *witness_signer;
    struct cy_witness witness;
    struct cy_note_key *logs;
    struct cy_name origin;
    pthread_t cosign_thread;
    uint64_t beyond; /* a larger head of ours that a witness has shown; atomic */
    bool cosigning;
    bool stopping;
    unsigned helpers[3]; /* threads at work, by kind */
};

/* Threads that work for one request each, no more than so many of a kind at a time. */
enum cy_node_helper {
    CY_NODE_WAITS,  /* for cosignatures */
    CY_NODE_PROVES, /* makes a bundle: much memory */
    CY_NODE_LOOKS   /* asks this machine or its signer something */
};
#define CY_NODE_WAITS_MAX 256u
#define CY_NODE_PROVES_MAX 4u
#define CY_NODE_LOOKS_MAX 16u

/* cy_node_now is the wall clock in Unix milliseconds. */
cy_time cy_node_now(void);

/* cy_node_damage tells the operator where the ledger could not be read (file and byte; fault->path
 * is empty when there is no place); returns err itself. */
CY_MUST_USE cy_err cy_node_damage(cy_err err, const struct cy_disk_fault *fault);

#endif
