/* epidemic: an outbreak in several countries, day by day (SEIR; Kermack and McKendrick 1927).
 *
 *      susceptible -> exposed -> infectious -> immune or dead          in each of two ages
 *           |  vaccine: immune, or vaccinated and susceptible              ^
 *           +---------------------------------------------------------------+
 *
 * Countries touch through travel. People meet less when many die (and again when few do). Doses go
 * to the old first. Each time so many more people were infected, anywhere, a variant appears: it
 * spreads faster, and part of the immune can be infected again. Nothing is random: the same tables
 * give the same numbers, from + - * / alone, so on every machine.
 *
 * It is a small model that shows what sharing changes; it forecasts nothing.
 *
 * Owns: nothing. Never: draws lots. */
#ifndef CY_MODELS_EPIDEMIC_EPIDEMIC_H
#define CY_MODELS_EPIDEMIC_EPIDEMIC_H

#include <stdbool.h>
#include <stdint.h>

#define CY_EPIDEMIC_COUNTRIES_MAX 200u
#define CY_EPIDEMIC_MONTHS_MAX 60u
#define CY_EPIDEMIC_MONTH_DAYS 30u
#define CY_EPIDEMIC_NAME 64u
/* Deaths per million people in a month that make it a hard one: about a sixth of those who die in a
 * usual month anyway. */
#define CY_EPIDEMIC_HARD 100.0

/* Percentages as parts of 1. */
struct cy_epidemic_parameters {
    double reproduction;
    double latent;     /* days */
    double infectious; /* days */
    double fatality_old;
    double fatality_young;
    double reported;
    double travel;
    double caution; /* deaths per million and day */
    double caution_most;
    double vaccine_infection;
    double vaccine_death;
    double doses;
    double willing;
    double capacity;      /* part of the population a day */
    double variant_every; /* infections */
    double variant_faster;
    double variant_escape;
    double hoard; /* times the claim */
};

struct cy_epidemic_country {
    char code[CY_EPIDEMIC_NAME];
    char name[CY_EPIDEMIC_NAME];
    double population;
    double over65; /* part of 1 */
    double income;
    double cases_before; /* reported, ten days before the start */
    double cases;
    double deaths;
};

struct cy_epidemic_world {
    struct cy_epidemic_parameters parameters;
    struct cy_epidemic_country countries[CY_EPIDEMIC_COUNTRIES_MAX];
    uint32_t n_countries;
    double supply[CY_EPIDEMIC_MONTHS_MAX]; /* doses that arrive at the beginning of the month */
    uint32_t n_months;
};

/* doses[month][country]: who gets what at the beginning of each month. */
struct cy_epidemic_doses {
    double of[CY_EPIDEMIC_MONTHS_MAX][CY_EPIDEMIC_COUNTRIES_MAX];
};

/* What came of it. */
struct cy_epidemic_course {
    double deaths[CY_EPIDEMIC_COUNTRIES_MAX];
    double infections[CY_EPIDEMIC_COUNTRIES_MAX];
    double vaccinated[CY_EPIDEMIC_COUNTRIES_MAX]; /* people */
    double unused[CY_EPIDEMIC_COUNTRIES_MAX];     /* doses that nobody was there to take */
    double month_deaths[CY_EPIDEMIC_MONTHS_MAX];
    double month_infections[CY_EPIDEMIC_MONTHS_MAX];
    uint32_t variants;
    uint32_t hard_months; /* with more deaths than CY_EPIDEMIC_HARD */
};

/* cy_epidemic_claim is how many doses a country needs for all who are willing. */
double cy_epidemic_claim(const struct cy_epidemic_world *world, uint32_t country);

/* cy_epidemic_hoard gives each month's doses to the countries in the order of income, each up to
 * what it takes. */
void cy_epidemic_hoard(const struct cy_epidemic_world *world, struct cy_epidemic_doses *out);

/* cy_epidemic_run plays all months. */
void cy_epidemic_run(const struct cy_epidemic_world *world, const struct cy_epidemic_doses *doses,
                     struct cy_epidemic_course *out);

#endif
