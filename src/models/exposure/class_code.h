/* class_code: codes of goods and of what companies do, and which code is within which.
 *
 *   hs     Harmonised System: 2, 4 or 6 digits (8 or 10 of a nation); the first two are a chapter,
 *          01 to 97 without 77, which is kept free
 *   isic   International Standard Industrial Classification, revision 4 (UN, 2008): a section (A to
 *          U), or 2 to 4 digits of which the first two are a division of it
 *
 * A code is within another when it begins with it, or its division belongs to that section.
 *
 * Owns: the divisions of the sections. Never: knows what a code means. */
#ifndef CY_MODELS_EXPOSURE_CLASS_CODE_H
#define CY_MODELS_EXPOSURE_CLASS_CODE_H

#include <stdbool.h>

bool cy_hs_code(const char *text);
bool cy_isic_code(const char *text);

/* Both are codes. */
bool cy_hs_within(const char *code, const char *wider);
bool cy_isic_within(const char *code, const char *wider);

#endif
