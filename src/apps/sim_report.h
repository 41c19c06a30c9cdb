/* sim_report: what simulated runs came to, for people or as JSON.
 *
 * Owns: nothing. */
#ifndef CY_APPS_SIM_REPORT_H
#define CY_APPS_SIM_REPORT_H

#include "sim/sim_cell.h"
#include "sim/sim_federation.h"
#include "sim/sim_ferry.h"

#include <stdio.h>

/* cy_sim_report_cell prints the coverage of lives of a cell. */
void cy_sim_report_cell(FILE *out, const struct cy_sim_coverage *sum);

/* cy_sim_report_people prints what federations went through: acts, refusals, transitions, deeds. */
void cy_sim_report_people(FILE *out, const struct cy_sim_federation_figures *sum);

/* cy_sim_report_json prints the same as members of a JSON object, without its braces. */
void cy_sim_report_json(FILE *out, const struct cy_sim_federation_figures *sum);

#endif
