/* graph_table: a network of named nodes, read from a table of pairs.
 *
 *     a,b,sign            a signed network: who stands with (1) or against (-1) whom
 *     AFG,IRN,1           a column weight may give whole numbers above 0
 *
 * Owns: nothing; all stands in the desk's memory. */
#ifndef CY_MODELS_NETWORK_GRAPH_TABLE_H
#define CY_MODELS_NETWORK_GRAPH_TABLE_H

#include "certify/balance.h"
#include "models/desk/desk.h"

#define CY_GRAPH_NODES_MAX 4096u
#define CY_GRAPH_EDGES_MAX 200000u

/* Names, each once, numbered as they first stand. */
struct cy_graph_names {
    const char **names;
    size_t n;
    size_t cap;
    uint32_t *slots; /* hash table of number + 1 */
    size_t n_slots;
};

/* cy_graph_names_on makes room for `cap` names. cy_graph_name is the number of a name, which is
 * added when it is new; UINT32_MAX when the room is full. cy_graph_name_find only looks. */
CY_MUST_USE cy_err cy_graph_names_on(struct cy_desk *desk, size_t cap, struct cy_graph_names *out);
uint32_t cy_graph_name(struct cy_graph_names *names, const char *name);
uint32_t cy_graph_name_find(const struct cy_graph_names *names, const char *name);

struct cy_graph_table {
    struct cy_graph_names names;
    struct cy_balance_graph graph;
};

/* cy_graph_table_read takes the columns a, b, sign and, when there, weight. Fails with MODEL_INPUT:
 * a column is missing, a name is empty, a node stands with itself, a pair stands twice, a sign is
 * neither 1 nor -1, a weight is no number. */
CY_MUST_USE cy_err cy_graph_table_read(struct cy_desk *desk, const struct cy_csv *csv,
                                       struct cy_graph_table *out, struct cy_desk_fault *fault);

/* cy_graph_differ says which of m edges (in any order and direction) is not also in the other list:
 * m when none, m + 1 without memory (noted). */
size_t cy_graph_differ(struct cy_desk *desk, struct cy_balance_edge *edges,
                       const struct cy_balance_edge *others, size_t m);

/* cy_graph_table_get reads the file that is named; noted. */
CY_MUST_USE cy_err cy_graph_table_get(struct cy_desk *desk, const char *path,
                                      struct cy_graph_table *out);

#endif
