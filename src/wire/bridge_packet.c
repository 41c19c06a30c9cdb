#include "wire/bridge_packet.h"

#include "base/check.h"
#include "base/text.h"
#include "wire/schema.h"

#define MAGIC "comity-packet/1\n"
#define MAGIC_BYTES 16u
#define SCALE_MAX 30u

/* --- writing --- */

static void put(struct cy_bridge_bytes *out, const void *at, size_t n)
{
    CY_ASSERT(n <= sizeof out->at - out->n);
    if (n > 0)
        memcpy(out->at + out->n, at, n);
    out->n += n;
}

static void put_u8(struct cy_bridge_bytes *out, uint8_t v)
{
    put(out, &v, 1);
}

static void put_u64(struct cy_bridge_bytes *out, uint64_t v)
{
    uint8_t bytes[8];

    cy_put_u64be(bytes, v);
    put(out, bytes, sizeof bytes);
}

static void put_id(struct cy_bridge_bytes *out, const struct cy_id *id)
{
    put(out, id->b, sizeof id->b);
}

static void put_text(struct cy_bridge_bytes *out, const char *s, uint8_t n)
{
    put_u8(out, n);
    put(out, s, n);
}

/* Everything since the field before is one field. */
static void end_field(struct cy_bridge_bytes *out)
{
    size_t from = 0;

    CY_ASSERT(out->n_fields < CY_BRIDGE_FIELDS_MAX);
    if (out->n_fields > 0) {
        const struct cy_span *last = &out->fields[out->n_fields - 1];

        from = (size_t)(last->at - out->at) + last->n;
    }
    out->fields[out->n_fields++] = cy_span_of(out->at + from, out->n - from);
}

static void put_list(struct cy_bridge_bytes *out, const struct cy_bridge_packet *packet)
{
    put_text(out, packet->list.s, packet->list.n);
    if (packet->list.n == 0)
        return;
    put_u64(out, packet->list_number);
    put_u64(out, packet->list_at);
    put_id(out, &packet->list_digest);
}

static void put_realms(struct cy_bridge_bytes *out, const struct cy_id *realms, uint32_t n)
{
    CY_ASSERT(n <= CY_BRIDGE_HOPS_MAX);
    put_u8(out, (uint8_t)n);
    for (uint32_t i = 0; i < n; i++)
        put_id(out, &realms[i]);
}

static void put_settlement(struct cy_bridge_bytes *out, const struct cy_bridge_packet *packet)
{
    put_id(out, &packet->home);
    end_field(out);
    put_id(out, &packet->asset);
    end_field(out);
    put_text(out, packet->code.s, packet->code.n);
    end_field(out);
    put_u8(out, packet->scale);
    end_field(out);
    put_u64(out, (uint64_t)(packet->amount >> 64));
    put_u64(out, (uint64_t)packet->amount);
    end_field(out);
    put_u64(out, packet->reference);
    end_field(out);
}

static void put_shared(struct cy_bridge_bytes *out, const struct cy_bridge_packet *packet)
{
    put_id(out, &packet->blob);
    end_field(out);
    put_u64(out, packet->bytes);
    end_field(out);
    put_text(out, packet->terms.s, packet->terms.n);
    end_field(out);
}

void cy_bridge_packet_write(const struct cy_bridge_packet *packet, struct cy_bridge_bytes *out)
{
    out->n = 0;
    out->n_fields = 0;
    put(out, MAGIC, MAGIC_BYTES);
    put_u8(out, packet->kind);
    end_field(out);
    put_id(out, &packet->source);
    end_field(out);
    put_id(out, &packet->destination);
    end_field(out);
    put_u64(out, packet->sequence);
    end_field(out);
    put_u64(out, packet->timeout);
    end_field(out);
    put_id(out, &packet->sender);
    end_field(out);
    put_id(out, &packet->receiver);
    end_field(out);
    put_list(out, packet);
    end_field(out);
    put_realms(out, packet->hops, packet->n_hops);
    end_field(out);
    put_realms(out, packet->passed, packet->n_passed);
    end_field(out);
    switch (packet->kind) {
    case CY_bridge_kind_SETTLEMENT: put_settlement(out, packet); break;
    case CY_bridge_kind_DATA:
    case CY_bridge_kind_COMPUTE: put_shared(out, packet); break;
    default: CY_ASSERT(packet->kind == CY_bridge_kind_RECOGNITION); break;
    }
}

/* --- reading --- */

struct reader {
    struct cy_span in;
    size_t pos;
    bool bad;
};

static const uint8_t *take(struct reader *reader, size_t n)
{
    const uint8_t *at = reader->in.at + reader->pos;

    if (reader->bad || n > reader->in.n - reader->pos) {
        reader->bad = true;
        return NULL;
    }
    reader->pos += n;
    return at;
}

static uint8_t take_u8(struct reader *reader, unsigned most)
{
    const uint8_t *at = take(reader, 1);

    if (at != NULL && *at > most)
        reader->bad = true;
    return at == NULL ? 0 : *at;
}

static uint64_t take_u64(struct reader *reader)
{
    const uint8_t *at = take(reader, 8);

    return at == NULL ? 0 : cy_get_u64be(at);
}

static void take_id(struct reader *reader, struct cy_id *out)
{
    const uint8_t *at = take(reader, sizeof out->b);

    if (at != NULL)
        memcpy(out->b, at, sizeof out->b);
}

/* A counted text of at most cap bytes. */
static struct cy_span take_text(struct reader *reader, unsigned cap)
{
    const uint8_t n = take_u8(reader, cap);
    const uint8_t *at = take(reader, n);
    const struct cy_span text = cy_span_of(at, n);

    if (at == NULL)
        return (struct cy_span){0};
    if (!cy_ok(cy_utf8_check(text)))
        reader->bad = true;
    return text;
}

static void take_label(struct reader *reader, struct cy_label *out)
{
    const struct cy_span text = take_text(reader, sizeof out->s);

    if (!reader->bad && !cy_ok(cy_label_of(text, out)))
        reader->bad = true;
}

static void take_list(struct reader *reader, struct cy_bridge_packet *out)
{
    take_label(reader, &out->list);
    if (out->list.n == 0)
        return;
    out->list_number = take_u64(reader);
    out->list_at = take_u64(reader);
    take_id(reader, &out->list_digest);
}

static uint32_t take_realms(struct reader *reader, struct cy_id realms[CY_BRIDGE_HOPS_MAX])
{
    const uint32_t n = take_u8(reader, CY_BRIDGE_HOPS_MAX);

    for (uint32_t i = 0; i < n && !reader->bad; i++)
        take_id(reader, &realms[i]);
    return n;
}

static void take_settlement(struct reader *reader, struct cy_bridge_packet *out)
{
    uint64_t high = 0;
    uint64_t low = 0;

    take_id(reader, &out->home);
    take_id(reader, &out->asset);
    take_label(reader, &out->code);
    out->scale = take_u8(reader, SCALE_MAX);
    high = take_u64(reader);
    low = take_u64(reader);
    out->amount = (cy_u128)high << 64 | low;
    out->reference = take_u64(reader);
    if (out->amount == 0 || out->code.n == 0)
        reader->bad = true;
}

static void take_shared(struct reader *reader, struct cy_bridge_packet *out)
{
    struct cy_span terms;

    take_id(reader, &out->blob);
    out->bytes = take_u64(reader);
    terms = take_text(reader, sizeof out->terms.s);
    if (!reader->bad && !cy_ok(cy_line_of(terms, &out->terms)))
        reader->bad = true;
}

cy_err cy_bridge_packet_read(struct cy_span bytes, struct cy_bridge_packet *out)
{
    struct reader reader = {.in = bytes};
    const uint8_t *magic = take(&reader, MAGIC_BYTES);

    *out = (struct cy_bridge_packet){0};
    if (magic == NULL || memcmp(magic, MAGIC, MAGIC_BYTES) != 0)
        return cy_fail(CY_E_BAD_BRIDGE_PACKET, 0);
    out->kind = take_u8(&reader, CY_bridge_kind_COMPUTE);
    take_id(&reader, &out->source);
    take_id(&reader, &out->destination);
    out->sequence = take_u64(&reader);
    out->timeout = take_u64(&reader);
    take_id(&reader, &out->sender);
    take_id(&reader, &out->receiver);
    take_list(&reader, out);
    out->n_hops = take_realms(&reader, out->hops);
    out->n_passed = take_realms(&reader, out->passed);
    switch (out->kind) {
    case CY_bridge_kind_SETTLEMENT: take_settlement(&reader, out); break;
    case CY_bridge_kind_DATA:
    case CY_bridge_kind_COMPUTE: take_shared(&reader, out); break;
    case CY_bridge_kind_RECOGNITION: break;
    default: reader.bad = true; break;
    }
    if (reader.bad || reader.pos != bytes.n || out->sequence == 0)
        return cy_fail(CY_E_BAD_BRIDGE_PACKET, reader.pos);
    return CY_OK;
}
