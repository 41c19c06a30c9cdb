/* cap: alerts in the Common Alerting Protocol, version 1.2 (OASIS, 1 July 2010), in and out.
 *
 *      <alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">  identifier, sender, sent, status ...
 *          <info>      category, event, urgency, severity, certainty, onset, expires ...
 *              <area>  areaDesc, polygon, circle, geocode
 *
 * What the standard asks for is asked for: the elements that must be there, the words that they may
 * hold, times with an offset (never Z). What is written here is read here as the same alert. Parts
 * that say nothing about what, where and when (resources, parameters, signatures) are passed over.
 *
 * libxml2 reads it, hardened: no network, no document type (and so no entities), own limits on.
 *
 * Owns: nothing; texts lie on the desk. Never: decides whether an alert is true. */
#ifndef CY_MODELS_RELIEF_CAP_H
#define CY_MODELS_RELIEF_CAP_H

#include "base/bytes.h"
#include "models/desk/desk.h"

#define CY_CAP_INFOS_MAX 16u
#define CY_CAP_AREAS_MAX 16u
#define CY_CAP_SHAPES_MAX 16u
#define CY_CAP_FILE_MAX ((size_t)4 << 20)

struct cy_cap_area {
    const char *desc;
    const char *polygons[CY_CAP_SHAPES_MAX]; /* "lat,lon lat,lon ..." */
    const char *circles[CY_CAP_SHAPES_MAX];  /* "lat,lon km" */
    const char *names[CY_CAP_SHAPES_MAX];    /* geocodes: valueName */
    const char *values[CY_CAP_SHAPES_MAX];   /* and value */
    size_t n_polygons;
    size_t n_circles;
    size_t n_geocodes;
};

/* Texts that are not there are NULL. */
struct cy_cap_info {
    const char *language;
    const char *categories[12];
    size_t n_categories;
    const char *event;
    const char *response;
    const char *urgency;
    const char *severity;
    const char *certainty;
    const char *effective;
    const char *onset;
    const char *expires;
    const char *sender_name;
    const char *headline;
    const char *description;
    const char *instruction;
    struct cy_cap_area areas[CY_CAP_AREAS_MAX];
    size_t n_areas;
};

struct cy_cap {
    const char *identifier;
    const char *sender;
    const char *sent;
    const char *status;
    const char *kind; /* msgType */
    const char *source;
    const char *scope;
    const char *restriction;
    const char *addresses;
    const char *note;
    const char *references;
    const char *incidents;
    struct cy_cap_info infos[CY_CAP_INFOS_MAX];
    size_t n_infos;
};

/* cy_cap_read reads one alert. Fails with MODEL_INPUT (fault filled), NO_MEMORY. */
CY_MUST_USE cy_err cy_cap_read(struct cy_desk *desk, struct cy_span xml, struct cy_cap *out,
                               struct cy_desk_fault *fault);

/* cy_cap_wrong says what an alert lacks to be one, NULL when nothing. */
const char *cy_cap_wrong(const struct cy_cap *cap);

/* cy_cap_write writes an alert that lacks nothing. False when the stream failed. */
bool cy_cap_write(const struct cy_cap *cap, FILE *out);

/* cy_cap_time says that a text is a time as the standard writes it: 2026-11-20T14:05:00+01:00. */
bool cy_cap_time(const char *text);

#endif
