#include "models/epidemic/epidemic.h"

#include "base/check.h"

#include <string.h>

enum { OLD, YOUNG, AGES, WEEK = 7, BEFORE_DAYS = 10 };

#define MILLION 1e6

/* People of one age in one country. */
struct age {
    double all;
    double susceptible;
    double guarded; /* vaccinated, and still susceptible */
    double exposed;
    double exposed_guarded;
    double infectious;
    double immune;
    double unvaccinated; /* willing, not vaccinated yet */
    double fatality;
};

struct country {
    struct age ages[AGES];
    double stock; /* doses */
    double week[WEEK];
    double deaths; /* of the last seven days */
};

struct play {
    const struct cy_epidemic_world *world;
    struct cy_epidemic_course *out;
    struct country countries[CY_EPIDEMIC_COUNTRIES_MAX];
    double infected_ever; /* everywhere, since the start */
    double spread;        /* infections a day of one infectious person among the susceptible */
};

static double least(double a, double b)
{
    return a < b ? a : b;
}

double cy_epidemic_claim(const struct cy_epidemic_world *world, uint32_t country)
{
    return world->countries[country].population * world->parameters.willing *
           world->parameters.doses;
}

void cy_epidemic_hoard(const struct cy_epidemic_world *world, struct cy_epidemic_doses *out)
{
    uint32_t order[CY_EPIDEMIC_COUNTRIES_MAX];
    double taken[CY_EPIDEMIC_COUNTRIES_MAX] = {0};

    memset(out, 0, sizeof *out);
    for (uint32_t i = 0; i < world->n_countries; i++) {
        uint32_t at = i;

        for (; at > 0 && world->countries[order[at - 1]].income < world->countries[i].income; at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
    for (uint32_t m = 0; m < world->n_months; m++) {
        double left = world->supply[m];

        for (uint32_t k = 0; k < world->n_countries; k++) {
            const uint32_t c = order[k];
            const double wish = cy_epidemic_claim(world, c) * world->parameters.hoard - taken[c];
            const double got = least(left, wish > 0 ? wish : 0);

            out->of[m][c] = got;
            taken[c] += got;
            left -= got;
        }
    }
}

/* --- the beginning --- */

/* Who was infected before follows from who died; who is infectious now, from cases of ten days. */
static void begin_country(const struct cy_epidemic_parameters *p,
                          const struct cy_epidemic_country *from, struct country *out)
{
    const double parts[AGES] = {from->over65, 1 - from->over65};
    const double fatality[AGES] = {p->fatality_old, p->fatality_young};
    const double mean = parts[OLD] * fatality[OLD] + parts[YOUNG] * fatality[YOUNG];
    const double now = (from->cases - from->cases_before) / BEFORE_DAYS / p->reported;
    const double by_deaths = from->deaths / mean;
    const double by_cases = from->cases / p->reported;
    const double ever = least(by_deaths > by_cases ? by_deaths : by_cases, 0.8 * from->population);

    for (unsigned a = 0; a < AGES; a++) {
        struct age *age = &out->ages[a];

        *age = (struct age){.all = from->population * parts[a], .fatality = fatality[a]};
        age->immune = ever * parts[a];
        age->exposed = now * p->latent * parts[a];
        age->infectious = now * p->infectious * parts[a];
        age->susceptible = age->all - age->immune - age->exposed - age->infectious;
        age->unvaccinated = age->all * p->willing;
    }
    out->deaths = now * mean * WEEK;
    for (unsigned d = 0; d < WEEK; d++)
        out->week[d] = now * mean;
}

static void begin(struct play *play)
{
    const struct cy_epidemic_parameters *p = &play->world->parameters;

    play->spread = p->reproduction / p->infectious;
    for (uint32_t c = 0; c < play->world->n_countries; c++)
        begin_country(p, &play->world->countries[c], &play->countries[c]);
}

/* --- a day --- */

static double infectious_part(const struct country *country)
{
    const struct age *ages = country->ages;

    return (ages[OLD].infectious + ages[YOUNG].infectious) / (ages[OLD].all + ages[YOUNG].all);
}

static double world_part(const struct play *play)
{
    double infectious = 0;
    double all = 0;

    for (uint32_t c = 0; c < play->world->n_countries; c++) {
        for (unsigned a = 0; a < AGES; a++) {
            infectious += play->countries[c].ages[a].infectious;
            all += play->countries[c].ages[a].all;
        }
    }
    return infectious / all;
}

/* Which part of contacts is kept while so many die. */
static double contacts(const struct cy_epidemic_parameters *p, const struct country *country,
                       double population)
{
    const double daily = country->deaths / WEEK / population * MILLION;

    return 1 - p->caution_most * daily / (daily + p->caution);
}

static void vaccinate(struct play *play, uint32_t c)
{
    const struct cy_epidemic_parameters *p = &play->world->parameters;
    struct country *country = &play->countries[c];
    double people =
        least(country->stock / p->doses, play->world->countries[c].population * p->capacity);

    for (unsigned a = 0; a < AGES; a++) {
        struct age *age = &country->ages[a];
        const double now = least(people, age->unvaccinated);
        const double living = age->susceptible + age->exposed + age->infectious + age->immune;
        const double hit = living > 0 ? least(now / living, 1) * age->susceptible : 0;

        age->unvaccinated -= now;
        age->susceptible -= hit;
        age->immune += hit * p->vaccine_infection;
        age->guarded += hit * (1 - p->vaccine_infection);
        country->stock -= now * p->doses;
        people -= now;
        play->out->vaccinated[c] += now;
    }
}

/* One day of one age; returns the deaths. */
static double day_of(struct play *play, uint32_t c, struct age *age, double force)
{
    const struct cy_epidemic_parameters *p = &play->world->parameters;
    const double part = least(force, 1);
    const double caught = age->susceptible * part;
    const double caught_guarded = age->guarded * part;
    const double ill = age->exposed / p->latent;
    const double ill_guarded = age->exposed_guarded / p->latent;
    const double over = age->infectious / p->infectious;
    const double guard = (1 - p->vaccine_death) / (1 - p->vaccine_infection);
    const double dead = (ill + ill_guarded * guard) * age->fatality;

    age->susceptible -= caught;
    age->guarded -= caught_guarded;
    age->exposed += caught - ill;
    age->exposed_guarded += caught_guarded - ill_guarded;
    age->infectious += ill + ill_guarded - dead - over;
    age->immune += over;
    play->infected_ever += caught + caught_guarded;
    play->out->infections[c] += caught + caught_guarded;
    return dead;
}

/* A variant has appeared: faster, and part of the immune can be infected again. Who is vaccinated
 * stays guarded from death. */
static void new_variant(struct play *play)
{
    const struct cy_epidemic_parameters *p = &play->world->parameters;

    play->out->variants++;
    play->spread *= 1 + p->variant_faster;
    for (uint32_t c = 0; c < play->world->n_countries; c++) {
        for (unsigned a = 0; a < AGES; a++) {
            struct age *age = &play->countries[c].ages[a];
            const double open = age->immune * p->variant_escape;
            const double vaccinated = 1 - age->unvaccinated / (age->all * p->willing);

            age->immune -= open;
            age->guarded += open * vaccinated * p->willing;
            age->susceptible += open * (1 - vaccinated * p->willing);
        }
    }
}

static void one_day(struct play *play, uint32_t day)
{
    const struct cy_epidemic_parameters *p = &play->world->parameters;
    const uint32_t month = day / CY_EPIDEMIC_MONTH_DAYS;
    const double everywhere = world_part(play);
    const double before = play->infected_ever;

    for (uint32_t c = 0; c < play->world->n_countries; c++) {
        struct country *country = &play->countries[c];
        const double kept = contacts(p, country, play->world->countries[c].population);
        const double met = (1 - p->travel) * infectious_part(country) + p->travel * everywhere;
        double dead = 0;

        vaccinate(play, c);
        for (unsigned a = 0; a < AGES; a++)
            dead += day_of(play, c, &country->ages[a], play->spread * kept * met);
        country->deaths += dead - country->week[day % WEEK];
        country->week[day % WEEK] = dead;
        play->out->deaths[c] += dead;
        play->out->month_deaths[month] += dead;
    }
    play->out->month_infections[month] += play->infected_ever - before;
    while (play->infected_ever >= p->variant_every * (play->out->variants + 1))
        new_variant(play);
}

void cy_epidemic_run(const struct cy_epidemic_world *world, const struct cy_epidemic_doses *doses,
                     struct cy_epidemic_course *out)
{
    struct play play = {.world = world, .out = out};
    double people = 0;

    CY_ASSERT(world->n_months <= CY_EPIDEMIC_MONTHS_MAX);
    memset(out, 0, sizeof *out);
    begin(&play);
    for (uint32_t day = 0; day < world->n_months * CY_EPIDEMIC_MONTH_DAYS; day++) {
        for (uint32_t c = 0; c < world->n_countries && day % CY_EPIDEMIC_MONTH_DAYS == 0; c++)
            play.countries[c].stock += doses->of[day / CY_EPIDEMIC_MONTH_DAYS][c];
        one_day(&play, day);
    }
    for (uint32_t c = 0; c < world->n_countries; c++) {
        out->unused[c] = play.countries[c].stock;
        people += world->countries[c].population;
    }
    for (uint32_t m = 0; m < world->n_months; m++) {
        if (out->month_deaths[m] * MILLION > CY_EPIDEMIC_HARD * people)
            out->hard_months++;
    }
}
