#include "host/routes/tenure_book.h"

#include <pthread.h>
#include <stdlib.h>

struct page {
    struct cy_id alliance;
    struct cy_history history;
};

struct cy_tenure_book {
    pthread_mutex_t lock;
    struct page *pages;
    uint32_t n;
    uint32_t room;
    uint32_t *index; /* by hash of the alliance: page + 1; 0 = free */
    uint32_t mask;
    uint32_t seen; /* events of the world that stand in the book */
    bool lost;     /* no memory once, or an order that cannot be: the world answers */
};

struct cy_tenure_book *cy_tenure_book_new(void)
{
    struct cy_tenure_book *book = calloc(1, sizeof *book);

    if (book == NULL)
        return NULL;
    book->mask = 1023;
    book->index = calloc(book->mask + 1, sizeof *book->index);
    if (book->index == NULL) {
        free(book);
        return NULL;
    }
    pthread_mutex_init(&book->lock, NULL);
    return book;
}

static void forget(struct cy_tenure_book *book)
{
    for (uint32_t i = 0; i < book->n; i++) {
        free(book->pages[i].history.tenures);
        free(book->pages[i].history.parties);
    }
    free(book->pages);
    free(book->index);
    book->pages = NULL;
    book->index = NULL;
    book->n = 0;
    book->lost = true;
}

void cy_tenure_book_free(struct cy_tenure_book *book)
{
    if (book == NULL)
        return;
    forget(book);
    pthread_mutex_destroy(&book->lock);
    free(book);
}

/* --- pages --- */

static uint32_t cell_of(const struct cy_tenure_book *book, const struct cy_id *alliance)
{
    uint32_t i = (uint32_t)cy_table_hash(alliance, sizeof *alliance) & book->mask;

    while (book->index[i] != 0 && !cy_id_eq(&book->pages[book->index[i] - 1].alliance, alliance))
        i = (i + 1) & book->mask;
    return i;
}

/* Twice the room for pages and their index; false without memory. */
static bool more_pages(struct cy_tenure_book *book)
{
    const uint32_t room = book->room == 0 ? 256 : book->room * 2;
    struct page *pages = realloc(book->pages, room * sizeof *pages);
    uint32_t *index = calloc((size_t)room * 4, sizeof *index);

    if (pages != NULL)
        book->pages = pages;
    if (pages == NULL || index == NULL) {
        free(index);
        return false;
    }
    free(book->index);
    book->index = index;
    book->mask = room * 4 - 1;
    book->room = room;
    for (uint32_t i = 0; i < book->n; i++)
        book->index[cell_of(book, &book->pages[i].alliance)] = i + 1;
    return true;
}

/* The alliance's page, made where there is none; NULL without memory. */
static struct page *page_of(struct cy_tenure_book *book, const struct cy_id *alliance)
{
    uint32_t cell = cell_of(book, alliance);

    if (book->index[cell] != 0)
        return &book->pages[book->index[cell] - 1];
    if (book->n == book->room) {
        if (!more_pages(book))
            return NULL;
        cell = cell_of(book, alliance);
    }
    book->pages[book->n] = (struct page){.alliance = *alliance};
    book->index[cell] = ++book->n;
    return &book->pages[book->n - 1];
}

/* Room for one event and one party more. */
static bool grow(struct cy_history *history)
{
    if (history->n == history->room) {
        const size_t room = history->room == 0 ? 16 : history->room * 2;
        struct cy_tenure *tenures = realloc(history->tenures, room * sizeof *tenures);

        if (tenures == NULL)
            return false;
        history->tenures = tenures;
        history->room = room;
    }
    if (history->n_parties == history->room_parties) {
        const uint32_t room = history->room_parties == 0 ? 16 : history->room_parties * 2;
        struct cy_id *parties = realloc(history->parties, room * sizeof *parties);

        if (parties == NULL)
            return false;
        history->parties = parties;
        history->room_parties = room;
    }
    return true;
}

/* --- following --- */

static void follow(struct cy_tenure_book *book, const struct cy_world *world)
{
    const uint32_t count = cy_world_count(world, CY_R_member_event);

    for (; !book->lost && book->seen < count; book->seen++) {
        const struct cy_member_event *event = cy_world_at(world, CY_R_member_event, book->seen);
        struct page *page = page_of(book, &event->alliance);

        if (page == NULL || !grow(&page->history) || !cy_history_add(&page->history, event))
            forget(book);
    }
}

void cy_tenure_book_follow(struct cy_tenure_book *book, const struct cy_world *world)
{
    if (book == NULL)
        return;
    pthread_mutex_lock(&book->lock);
    follow(book, world);
    pthread_mutex_unlock(&book->lock);
}

cy_err cy_tenure_book_list(struct cy_tenure_book *book, const struct cy_world *world,
                           const struct cy_id *alliance, const struct cy_as_of *as_of,
                           struct cy_arena *arena, struct cy_listed **list, size_t *n)
{
    cy_err err = CY_OK;
    bool known = false;

    if (book == NULL)
        return cy_alliance_list(world, alliance, as_of, arena, list, n);
    pthread_mutex_lock(&book->lock);
    follow(book, world);
    if (!book->lost) {
        const uint32_t page = book->index[cell_of(book, alliance)];

        known = page != 0;
        if (known)
            err = cy_alliance_list_in(world, alliance, &book->pages[page - 1].history, as_of, arena,
                                      list, n);
    }
    pthread_mutex_unlock(&book->lock);
    return known ? err : cy_alliance_list(world, alliance, as_of, arena, list, n);
}
