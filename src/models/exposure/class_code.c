#include "models/exposure/class_code.h"

#include <string.h>

/* The first and last division of each section, from A; no division is in two. */
static const struct {
    unsigned first;
    unsigned last;
} sections_[] = {
    {1,  3 },
    {5,  9 },
    {10, 33},
    {35, 35},
    {36, 39},
    {41, 43},
    {45, 47},
    {49, 53},
    {55, 56},
    {58, 63},
    {64, 66},
    {68, 68},
    {69, 75},
    {77, 82},
    {84, 84},
    {85, 85},
    {86, 88},
    {90, 93},
    {94, 96},
    {97, 98},
    {99, 99},
};

#define SECTIONS (sizeof sections_ / sizeof sections_[0])

static bool digits(const char *text, size_t least, size_t most)
{
    const size_t n = strlen(text);

    return n >= least && n <= most && strspn(text, "0123456789") == n;
}

static unsigned first_two(const char *text)
{
    return (unsigned)(text[0] - '0') * 10 + (unsigned)(text[1] - '0');
}

bool cy_hs_code(const char *text)
{
    return digits(text, 2, 10) && strlen(text) % 2 == 0 && first_two(text) >= 1 &&
           first_two(text) <= 97 && first_two(text) != 77;
}

/* The section of a division, or SECTIONS. */
static size_t section_of(unsigned division)
{
    size_t i = 0;

    while (i < SECTIONS && (division < sections_[i].first || division > sections_[i].last))
        i++;
    return i;
}

bool cy_isic_code(const char *text)
{
    if (text[0] >= 'A' && text[0] < (char)('A' + SECTIONS))
        return text[1] == 0;
    return digits(text, 2, 4) && section_of(first_two(text)) < SECTIONS;
}

static bool begins(const char *code, const char *wider)
{
    return strncmp(code, wider, strlen(wider)) == 0;
}

bool cy_hs_within(const char *code, const char *wider)
{
    return begins(code, wider);
}

bool cy_isic_within(const char *code, const char *wider)
{
    if (wider[0] >= 'A' && code[0] < 'A')
        return section_of(first_two(code)) == (size_t)(wider[0] - 'A');
    return begins(code, wider);
}
