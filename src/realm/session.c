#include "realm/session.h"

#define LONGEST_MS 2000u

static uint64_t filled(uint64_t left, uint64_t per_second, uint64_t ms)
{
    const uint64_t most = 2 * per_second;
    const uint64_t sum = left + per_second * ms / 1000;

    return sum < most ? sum : most;
}

void cy_peer_fill(struct cy_peer *peer, cy_time now)
{
    uint64_t ms = now > peer->filled_at ? now - peer->filled_at : 0;

    if (ms > LONGEST_MS)
        ms = LONGEST_MS;
    peer->bytes = filled(peer->bytes, CY_PEER_BYTES_S, ms);
    peer->frames = filled(peer->frames, CY_PEER_FRAMES_S, ms);
    peer->work = filled(peer->work, CY_PEER_WORK_S, ms);
    peer->filled_at = now;
}

static bool is_new(const struct cy_peer *peer, const struct cy_packet *packet)
{
    if (packet->session != peer->session)
        return packet->session > peer->session;
    if (packet->number > peer->number)
        return true;
    return peer->number - packet->number < 64 &&
           (peer->window >> (peer->number - packet->number) & 1) == 0;
}

cy_err cy_peer_admit(struct cy_peer *peer, const struct cy_packet *packet, size_t packet_bytes)
{
    struct cy_span rest = packet->frames;
    struct cy_frame frame;
    uint64_t frames = 0;

    if (!is_new(peer, packet))
        return cy_fail(CY_E_PACKET_OLD, packet->number);
    while (cy_frame_next(&rest, &frame))
        frames++;
    if (packet_bytes > peer->bytes || frames > peer->frames) {
        peer->throttled++;
        return cy_fail(CY_E_THROTTLED, packet_bytes);
    }
    peer->bytes -= packet_bytes;
    peer->frames -= frames;
    return CY_OK;
}

void cy_peer_seen(struct cy_peer *peer, const struct cy_packet *packet)
{
    if (packet->session != peer->session) {
        peer->session = packet->session;
        peer->number = packet->number;
        peer->window = 1;
    } else if (packet->number > peer->number) {
        const uint64_t by = packet->number - peer->number;

        peer->window = by < 64 ? peer->window << by | 1 : 1;
        peer->number = packet->number;
    } else {
        peer->window |= (uint64_t)1 << (peer->number - packet->number);
    }
}

cy_err cy_peer_works(struct cy_peer *peer)
{
    if (peer->work == 0) {
        peer->throttled++;
        return cy_fail(CY_E_THROTTLED, 0);
    }
    peer->work--;
    return CY_OK;
}
