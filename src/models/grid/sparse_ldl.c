#include "models/grid/sparse_ldl.h"

#include "models/lp/lp_program.h"

#include <math.h>
#include <stdlib.h>

#define NOTHING 1e-300

/* Neighbours of a node that is not eliminated yet. */
struct near {
    uint32_t *at;
    uint32_t n;
    uint32_t room;
};

struct cy_ldl {
    uint32_t n;
    uint32_t n_entries;
    uint32_t *place; /* of a node in the order of elimination */
    size_t *start;   /* columns of L below the diagonal, by place; rows ascending */
    uint32_t *rows;
    double *l;
    double *d;
    size_t *entry_start; /* entries by column (the smaller place) */
    uint32_t *entry_row; /* the larger place */
    uint32_t *entry_of;  /* number of the entry */
    size_t *next;        /* of each column: its next row */
    uint32_t *link;      /* the next column with the same next row */
    uint32_t *first;
    double *work;
    bool *below; /* by place: its pivot should be below 0 */
};

/* --- the order --- */

static void add_near(struct near *to, uint32_t node)
{
    if (to->n == to->room) {
        to->room = 2 * to->room + 4;
        to->at = cy_lp_grow(to->at, to->room, sizeof *to->at);
    }
    to->at[to->n++] = node;
}

/* Nodes by degree in lists, so that the least is found at once. */
struct buckets {
    uint32_t *head;
    uint32_t *next;
    uint32_t *before;
    uint32_t least;
    uint32_t n;
};

static void bucket_put(struct buckets *b, uint32_t node, uint32_t degree)
{
    b->next[node] = b->head[degree];
    b->before[node] = CY_LP_NONE;
    if (b->head[degree] != CY_LP_NONE)
        b->before[b->head[degree]] = node;
    b->head[degree] = node;
    if (degree < b->least)
        b->least = degree;
}

static void bucket_drop(struct buckets *b, uint32_t node, uint32_t degree)
{
    if (b->before[node] == CY_LP_NONE)
        b->head[degree] = b->next[node];
    else
        b->next[b->before[node]] = b->next[node];
    if (b->next[node] != CY_LP_NONE)
        b->before[b->next[node]] = b->before[node];
}

static uint32_t bucket_least(struct buckets *b)
{
    while (b->head[b->least] == CY_LP_NONE)
        b->least++;
    return b->head[b->least];
}

/* Joins the neighbours of an eliminated node to each other. */
static void eliminate(struct near *graph, uint32_t node, uint32_t *mark, uint32_t *stamp,
                      struct buckets *b)
{
    const struct near *around = &graph[node];

    for (uint32_t k = 0; k < around->n; k++) {
        struct near *to = &graph[around->at[k]];
        uint32_t kept = 0;

        bucket_drop(b, around->at[k], to->n);
        ++*stamp;
        mark[around->at[k]] = *stamp;
        for (uint32_t i = 0; i < to->n; i++) {
            mark[to->at[i]] = *stamp;
            if (to->at[i] != node)
                to->at[kept++] = to->at[i];
        }
        to->n = kept;
        for (uint32_t i = 0; i < around->n; i++) {
            if (mark[around->at[i]] != *stamp)
                add_near(to, around->at[i]);
        }
        bucket_put(b, around->at[k], to->n);
    }
}

static void make_buckets(struct buckets *b, const struct near *graph, uint32_t n)
{
    *b = (struct buckets){cy_lp_alloc(n, sizeof *b->head), cy_lp_alloc(n, sizeof *b->next),
                          cy_lp_alloc(n, sizeof *b->before), 0, n};
    for (uint32_t i = 0; i < n; i++)
        b->head[i] = CY_LP_NONE;
    for (uint32_t i = n; i-- > 0;)
        bucket_put(b, i, graph[i].n);
}

/* After this graph[i] holds what stands below the diagonal in the column of node i. */
static void make_order(struct cy_ldl *ldl, struct near *graph)
{
    uint32_t *mark = cy_lp_alloc(ldl->n, sizeof *mark);
    uint32_t stamp = 0;
    struct buckets b;

    make_buckets(&b, graph, ldl->n);
    for (uint32_t k = 0; k < ldl->n; k++) {
        const uint32_t node = bucket_least(&b);

        bucket_drop(&b, node, graph[node].n);
        ldl->place[node] = k;
        eliminate(graph, node, mark, &stamp, &b);
    }
    free(mark);
    free(b.head);
    free(b.next);
    free(b.before);
}

/* Keeps each neighbour once; mark[] holds no number above i yet. */
static void once(struct near *to, uint32_t i, uint32_t *mark)
{
    uint32_t kept = 0;

    for (uint32_t k = 0; k < to->n; k++) {
        if (mark[to->at[k]] == i + 1)
            continue;
        mark[to->at[k]] = i + 1;
        to->at[kept++] = to->at[k];
    }
    to->n = kept;
}

static struct near *make_graph(uint32_t n, const struct cy_ldl_entry *entries, uint32_t n_entries)
{
    struct near *graph = cy_lp_alloc(n, sizeof *graph);
    uint32_t *mark = cy_lp_alloc(n, sizeof *mark);

    for (uint32_t e = 0; e < n_entries; e++) {
        if (entries[e].row == entries[e].column)
            continue;
        add_near(&graph[entries[e].row], entries[e].column);
        add_near(&graph[entries[e].column], entries[e].row);
    }
    for (uint32_t i = 0; i < n; i++)
        once(&graph[i], i, mark);
    free(mark);
    return graph;
}

/* --- the pattern --- */

static int ascending(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a;
    const uint32_t y = *(const uint32_t *)b;

    return x < y ? -1 : x > y;
}

static void take_columns(struct cy_ldl *ldl, struct near *graph)
{
    uint32_t *node_at = cy_lp_alloc(ldl->n, sizeof *node_at);
    size_t count = 0;

    for (uint32_t i = 0; i < ldl->n; i++) {
        node_at[ldl->place[i]] = i;
        count += graph[i].n;
    }
    ldl->rows = cy_lp_alloc(count, sizeof *ldl->rows);
    ldl->l = cy_lp_alloc(count, sizeof *ldl->l);
    count = 0;
    for (uint32_t k = 0; k < ldl->n; k++) {
        struct near *column = &graph[node_at[k]];

        ldl->start[k] = count;
        for (uint32_t i = 0; i < column->n; i++)
            ldl->rows[count++] = ldl->place[column->at[i]];
        if (column->n > 1)
            qsort(&ldl->rows[ldl->start[k]], column->n, sizeof *ldl->rows, ascending);
        free(column->at);
    }
    ldl->start[ldl->n] = count;
    free(node_at);
    free(graph);
}

static void take_entries(struct cy_ldl *ldl, const struct cy_ldl_entry *entries)
{
    for (uint32_t e = 0; e < ldl->n_entries; e++) {
        const uint32_t a = ldl->place[entries[e].row];
        const uint32_t b = ldl->place[entries[e].column];

        ldl->entry_start[(a < b ? a : b) + 1]++;
    }
    for (uint32_t k = 0; k < ldl->n; k++)
        ldl->entry_start[k + 1] += ldl->entry_start[k];
    for (uint32_t k = 0; k < ldl->n; k++)
        ldl->next[k] = ldl->entry_start[k];
    for (uint32_t e = 0; e < ldl->n_entries; e++) {
        const uint32_t a = ldl->place[entries[e].row];
        const uint32_t b = ldl->place[entries[e].column];
        const size_t at = ldl->next[a < b ? a : b]++;

        ldl->entry_row[at] = a < b ? b : a;
        ldl->entry_of[at] = e;
    }
}

struct cy_ldl *cy_ldl_new(uint32_t n, const struct cy_ldl_entry *entries, uint32_t n_entries)
{
    struct cy_ldl *ldl = cy_lp_alloc(1, sizeof *ldl);
    struct near *graph = make_graph(n, entries, n_entries);

    ldl->n = n;
    ldl->n_entries = n_entries;
    ldl->place = cy_lp_alloc(n, sizeof *ldl->place);
    ldl->start = cy_lp_alloc((size_t)n + 1, sizeof *ldl->start);
    ldl->d = cy_lp_alloc(n, sizeof *ldl->d);
    ldl->entry_start = cy_lp_alloc((size_t)n + 1, sizeof *ldl->entry_start);
    ldl->entry_row = cy_lp_alloc(n_entries, sizeof *ldl->entry_row);
    ldl->entry_of = cy_lp_alloc(n_entries, sizeof *ldl->entry_of);
    ldl->next = cy_lp_alloc(n, sizeof *ldl->next);
    ldl->link = cy_lp_alloc(n, sizeof *ldl->link);
    ldl->first = cy_lp_alloc(n, sizeof *ldl->first);
    ldl->work = cy_lp_alloc(n, sizeof *ldl->work);
    ldl->below = cy_lp_alloc(n, sizeof *ldl->below);
    make_order(ldl, graph);
    take_columns(ldl, graph);
    take_entries(ldl, entries);
    return ldl;
}

void cy_ldl_free(struct cy_ldl *ldl)
{
    if (ldl == NULL)
        return;
    free(ldl->place);
    free(ldl->start);
    free(ldl->rows);
    free(ldl->l);
    free(ldl->d);
    free(ldl->entry_start);
    free(ldl->entry_row);
    free(ldl->entry_of);
    free(ldl->next);
    free(ldl->link);
    free(ldl->first);
    free(ldl->work);
    free(ldl->below);
    free(ldl);
}

/* --- numbers --- */

/* Puts column j into the list of the row that it meets next. */
static void queue(struct cy_ldl *ldl, uint32_t j)
{
    if (ldl->next[j] == ldl->start[j + 1])
        return;
    ldl->link[j] = ldl->first[ldl->rows[ldl->next[j]]];
    ldl->first[ldl->rows[ldl->next[j]]] = j;
}

/* Takes away what the columns before k contribute to it. */
static void update(struct cy_ldl *ldl, uint32_t k)
{
    double *work = ldl->work;

    for (uint32_t j = ldl->first[k]; j != CY_LP_NONE;) {
        const uint32_t after = ldl->link[j];
        const size_t end = ldl->start[j + 1];
        const double by = ldl->l[ldl->next[j]] * ldl->d[j];

        for (size_t i = ldl->next[j]; i < end; i++)
            work[ldl->rows[i]] -= ldl->l[i] * by;
        ldl->next[j]++;
        queue(ldl, j);
        j = after;
    }
}

bool cy_ldl_factor(struct cy_ldl *ldl, const double *numbers, uint32_t n_below, double least)
{
    for (uint32_t k = 0; k < ldl->n; k++) {
        ldl->first[k] = CY_LP_NONE;
        ldl->work[k] = 0;
        ldl->below[ldl->place[k]] = k < n_below;
    }
    for (uint32_t k = 0; k < ldl->n; k++) {
        for (size_t e = ldl->entry_start[k]; e < ldl->entry_start[k + 1]; e++)
            ldl->work[ldl->entry_row[e]] += numbers[ldl->entry_of[e]];
        update(ldl, k);
        ldl->d[k] = ldl->work[k];
        ldl->work[k] = 0;
        if (least > 0 && !(ldl->below[k] ? ldl->d[k] < -least : ldl->d[k] > least))
            ldl->d[k] = ldl->below[k] ? -least : least;
        if (!(fabs(ldl->d[k]) > NOTHING))
            return false;
        for (size_t i = ldl->start[k]; i < ldl->start[k + 1]; i++) {
            ldl->l[i] = ldl->work[ldl->rows[i]] / ldl->d[k];
            ldl->work[ldl->rows[i]] = 0;
        }
        ldl->next[k] = ldl->start[k];
        queue(ldl, k);
    }
    return true;
}

void cy_ldl_solve(const struct cy_ldl *ldl, double *b)
{
    double *x = ldl->work;

    for (uint32_t i = 0; i < ldl->n; i++)
        x[ldl->place[i]] = b[i];
    for (uint32_t k = 0; k < ldl->n; k++) {
        for (size_t i = ldl->start[k]; i < ldl->start[k + 1]; i++)
            x[ldl->rows[i]] -= ldl->l[i] * x[k];
    }
    for (uint32_t k = ldl->n; k-- > 0;) {
        x[k] /= ldl->d[k];
        for (size_t i = ldl->start[k]; i < ldl->start[k + 1]; i++)
            x[k] -= ldl->l[i] * x[ldl->rows[i]];
    }
    for (uint32_t i = 0; i < ldl->n; i++)
        b[i] = x[ldl->place[i]];
    for (uint32_t i = 0; i < ldl->n; i++)
        ldl->work[i] = 0;
}
