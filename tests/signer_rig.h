/* signer_rig: a signer for tests, served by a thread of its own over a real socket, its directory
 * on a simulated disk. */
#ifndef CY_TESTS_SIGNER_RIG_H
#define CY_TESTS_SIGNER_RIG_H

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cm.h"
#include "host/signer/signer_client.h"
#include "host/signer/signer_server.h"
#include "host/system/log.h"
#include "sim/sim_disk.h"

struct signer_rig {
    struct cy_sim_disk *sim;
    struct cy_disk disk;
    struct cy_signer_desk *desk;
    struct cy_signer_server *server;
    struct cy_signer_client *client;
    char dir[32];
    char path[64];
    int stop[2];
    pthread_t thread;
};

static inline void *signer_rig_serve(void *at)
{
    struct signer_rig *rig = at;

    assert_ok(cy_signer_server_run(rig->server, rig->stop[0]));
    return NULL;
}

static inline int signer_rig_start(void **s)
{
    static const struct cy_secret_cost cost = {CY_SECRET_OPERATIONS_MIN, CY_SECRET_MEMORY_KIB_MIN};
    const struct cy_signer_desk_options options = {2048, 64, 60};
    const struct cy_log_options quiet = {.level = CY_LOG_ERROR};
    struct signer_rig *rig = calloc(1, sizeof *rig);

    assert_ok(cy_log_open(&quiet));
    assert_ok(cy_crypto_start());
    rig->sim = cy_sim_disk_new();
    rig->disk = cy_sim_disk_face(rig->sim);
    assert_ok(cy_keystore_make(&rig->disk, cy_span_text("demo"), &cost));
    assert_ok(cy_signer_desk_open(&rig->disk, cy_span_text("demo"), &options, &rig->desk));
    strcpy(rig->dir, "/tmp/cy_signer_XXXXXX");
    assert_non_null(mkdtemp(rig->dir));
    snprintf(rig->path, sizeof rig->path, "%s/socket", rig->dir);
    assert_ok(cy_signer_server_open(rig->desk, rig->path, -1, &rig->server));
    assert_int_equal(pipe(rig->stop), 0);
    assert_int_equal(pthread_create(&rig->thread, NULL, signer_rig_serve, rig), 0);
    assert_ok(cy_signer_open(rig->path, 5000, &rig->client));
    *s = rig;
    return 0;
}

static inline int signer_rig_finish(void **s)
{
    struct signer_rig *rig = *s;

    cy_signer_close(rig->client);
    assert_int_equal(write(rig->stop[1], "x", 1), 1);
    assert_int_equal(pthread_join(rig->thread, NULL), 0);
    cy_signer_server_close(rig->server);
    assert_int_not_equal(access(rig->path, F_OK), 0); /* the socket's file is gone */
    cy_signer_desk_close(rig->desk);
    cy_sim_disk_free(rig->sim);
    close(rig->stop[0]);
    close(rig->stop[1]);
    assert_int_equal(rmdir(rig->dir), 0);
    free(rig);
    return 0;
}

#endif
