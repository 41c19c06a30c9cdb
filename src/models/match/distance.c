#include "models/match/distance.h"

enum { DEGREE = 1000000 };

/* cos(0) to cos(90 degrees), times 2^20 */
static const int32_t cosine_[91] = {
    1048576, 1048416, 1047937, 1047139, 1046022, 1044586, 1042832, 1040760, 1038371, 1035666,
    1032646, 1029311, 1025662, 1021701, 1017429, 1012847, 1007956, 1002758, 997255,  991448,
    985339,  978930,  972223,  965219,  957922,  950333,  942454,  934288,  925838,  917105,
    908093,  898805,  889243,  879410,  869309,  858943,  848316,  837430,  826289,  814897,
    803256,  791370,  779244,  766880,  754282,  741455,  728402,  715127,  701634,  687928,
    674012,  659890,  645568,  631049,  616338,  601438,  586356,  571095,  555661,  540057,
    524288,  508360,  492277,  476044,  459665,  443147,  426494,  409711,  392803,  375776,
    358634,  341383,  324028,  306574,  289027,  271391,  253673,  235878,  218011,  200078,
    182083,  164033,  145934,  127789,  109606,  91389,   73145,   54878,   36595,   18300,
    0,
};

/* Of a latitude in microdegrees; straight lines between whole degrees. */
static int64_t cosine(int32_t latitude)
{
    const int32_t up = latitude < 0 ? -latitude : latitude;
    const int32_t degree = up / DEGREE;
    const int64_t part = up % DEGREE;

    if (degree >= 90)
        return 0;
    return cosine_[degree] + (cosine_[degree + 1] - cosine_[degree]) * part / DEGREE;
}

static uint64_t root(uint64_t v)
{
    uint64_t out = 0;

    for (uint64_t bit = UINT64_C(1) << 62; bit != 0; bit >>= 2) {
        if (v >= out + bit) {
            v -= out + bit;
            out = (out >> 1) + bit;
        } else
            out >>= 1;
    }
    return out;
}

uint32_t cy_match_km(struct cy_match_place a, struct cy_match_place b)
{
    int64_t east = (int64_t)a.longitude - b.longitude;
    int64_t north = (int64_t)a.latitude - b.latitude;

    if (east < 0)
        east = -east;
    if (east > INT64_C(180) * DEGREE) /* the shorter way round */
        east = INT64_C(360) * DEGREE - east;
    east = east * cosine((int32_t)(((int64_t)a.latitude + b.latitude) / 2)) >> 20;
    /* 111.195 km a degree: the mean radius of 6371.0088 km */
    return (uint32_t)(root((uint64_t)(east * east + north * north)) * 111195 / 1000 / DEGREE);
}
