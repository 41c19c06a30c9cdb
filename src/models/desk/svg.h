/* svg: drawings that anyone can read: on light and on dark ground, without colours, by ear.
 *
 * A drawing has a title and a description, which screen readers speak; text is escaped; numbers
 * have a fixed form, so the same drawing has the same bytes everywhere. Colours come from classes
 * with one value for a light and one for a dark ground (prefers-color-scheme), chosen to differ
 * also in lightness:
 *
 *     fg text and axes   dim lines of the grid   a b c d e f series   plus minus relations
 *
 * Coordinates are in tenths of a pixel, integers.
 *
 * Owns: nothing; writes to the stream it is given. */
#ifndef CY_MODELS_DESK_SVG_H
#define CY_MODELS_DESK_SVG_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct cy_svg {
    FILE *out;
};

enum cy_svg_anchor { CY_SVG_START, CY_SVG_MIDDLE, CY_SVG_END };

/* cy_svg_begin opens a drawing of width x height tenths of a pixel. */
void cy_svg_begin(struct cy_svg *svg, FILE *out, int32_t width, int32_t height, const char *title,
                  const char *description);

void cy_svg_rect(struct cy_svg *svg, const char *class, int32_t x, int32_t y, int32_t width,
                 int32_t height);
void cy_svg_circle(struct cy_svg *svg, const char *class, int32_t x, int32_t y, int32_t radius);
void cy_svg_line(struct cy_svg *svg, const char *class, int32_t x1, int32_t y1, int32_t x2,
                 int32_t y2);

/* cy_svg_text writes one line of text; its characters are escaped. */
void cy_svg_text(struct cy_svg *svg, const char *class, int32_t x, int32_t y,
                 enum cy_svg_anchor anchor, const char *text);

/* cy_svg_group begins a group with a title of its own (what a pointer or a reader finds there);
 * cy_svg_group_end ends it. */
void cy_svg_group(struct cy_svg *svg, const char *title);
void cy_svg_group_end(struct cy_svg *svg);

/* cy_svg_end closes the drawing; false when writing failed. */
bool cy_svg_end(struct cy_svg *svg);

#endif
