/* tenure_book: the events of all alliances packed by alliance, so that a question about members on
 * a day reads 24 bytes an event, in a row, instead of a record found by its key.
 *
 *      world: member_event, in order of arrival  --follow-->  per alliance [tenure tenure ...]
 * [party ...]
 *
 * Events are only ever added, so the book follows the world from where it stood. It is kept in
 * memory alone and made anew at start; without memory for it questions are answered from the world.
 *
 * Owns: its memory. Any thread; one question at a time goes on, others wait. Never: writes the
 * world. */
#ifndef CY_HOST_ROUTES_TENURE_BOOK_H
#define CY_HOST_ROUTES_TENURE_BOOK_H

#include "institutions/alliance/alliance_view.h"

struct cy_tenure_book;

/* cy_tenure_book_new: NULL without memory, which is fine for the others. */
struct cy_tenure_book *cy_tenure_book_new(void);
void cy_tenure_book_free(struct cy_tenure_book *book);

/* cy_tenure_book_follow takes over what is new in the world, which must not change meanwhile. */
void cy_tenure_book_follow(struct cy_tenure_book *book, const struct cy_world *world);

/* cy_tenure_book_list is cy_alliance_list, after following. */
CY_MUST_USE cy_err cy_tenure_book_list(struct cy_tenure_book *book, const struct cy_world *world,
                                       const struct cy_id *alliance, const struct cy_as_of *as_of,
                                       struct cy_arena *arena, struct cy_listed **list, size_t *n);

#endif
