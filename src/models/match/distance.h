/* distance: how far two places are apart, in whole kilometres, the same on every machine.
 *
 * Whole numbers only: differences of latitude and longitude on the mean radius of the earth, the
 * latter shortened by the cosine of the middle latitude (out of a table of whole degrees). Against
 * the great circle the error is below 1 % up to 1,000 km between 60 degrees north and south, and
 * grows with distance and latitude: good for choosing who helps whom, not for navigation. Where
 * roads matter, costs are told (--costs).
 *
 * Owns: nothing. Never: uses floating point. */
#ifndef CY_MODELS_MATCH_DISTANCE_H
#define CY_MODELS_MATCH_DISTANCE_H

#include <stdint.h>

/* In microdegrees: latitude from -90,000,000 to 90,000,000, longitude to 180,000,000. */
struct cy_match_place {
    int32_t latitude;
    int32_t longitude;
};

uint32_t cy_match_km(struct cy_match_place a, struct cy_match_place b);

#endif
