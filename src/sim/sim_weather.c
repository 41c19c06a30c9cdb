#include "sim/sim_weather.h"

#define DELAY_MS 1u
#define JITTER_MS 9u

/* Bounds of what a scenario may ask for. */
#define DELAY_MS_MAX 10000u
#define BYTES_PER_MS_MAX 1000000u

bool cy_sim_weather_of_all(enum cy_sim_move_kind kind)
{
    return kind == CY_SIM_PART || kind == CY_SIM_LOSE || kind == CY_SIM_TWICE;
}

bool cy_sim_weather_is(enum cy_sim_move_kind kind)
{
    return cy_sim_weather_of_all(kind) || kind == CY_SIM_LAG || kind == CY_SIM_NARROW;
}

static uint32_t bounded(uint64_t value, uint32_t most)
{
    return value < most ? (uint32_t)value : most;
}

/* What a move of that kind makes of a link; nothing: back to what it was. */
static void set_link(struct cy_sim_link *link, enum cy_sim_move_kind kind,
                     const struct cy_sim_move *move)
{
    if (kind == CY_SIM_LOSE) {
        link->loss = move == NULL ? 0 : bounded(move->a[1], 999);
    } else if (kind == CY_SIM_TWICE) {
        link->twice = move == NULL ? 0 : bounded(move->a[1], 1000);
    } else if (kind == CY_SIM_LAG) {
        link->delay_ms = DELAY_MS + (move == NULL ? 0 : bounded(move->a[2], DELAY_MS_MAX));
        link->jitter_ms = JITTER_MS + (move == NULL ? 0 : bounded(move->a[3], DELAY_MS_MAX));
    } else if (kind == CY_SIM_NARROW) {
        link->bytes_per_ms = move == NULL ? 0 : 1 + bounded(move->a[2], BYTES_PER_MS_MAX);
    }
}

static void set_links(struct cy_sim_net *net, uint32_t nodes, enum cy_sim_move_kind kind,
                      uint32_t node, const struct cy_sim_move *move)
{
    for (uint32_t from = 0; from < nodes; from++) {
        for (uint32_t to = 0; to < nodes; to++) {
            if (cy_sim_weather_of_all(kind) || from == node || to == node)
                set_link(cy_sim_net_link(net, from, to), kind, move);
        }
    }
}

void cy_sim_weather_begin(struct cy_sim_net *net, uint32_t nodes, const struct cy_sim_move *move)
{
    if (move->kind == CY_SIM_PART)
        cy_sim_net_part(net, move->a[1]);
    else
        set_links(net, nodes, move->kind, (uint32_t)(move->a[0] % nodes), move);
}

void cy_sim_weather_end(struct cy_sim_net *net, uint32_t nodes, enum cy_sim_move_kind kind,
                        uint32_t node)
{
    if (kind == CY_SIM_PART)
        cy_sim_net_heal(net);
    else
        set_links(net, nodes, kind, node, NULL);
}
