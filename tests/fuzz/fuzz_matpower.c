/* MATPOWER cases and charters of grids, in one input split by a line "===": any bytes are refused
 * with a reason, or are a grid whose numbers are in bounds and whose program can be built. */
#include "fuzz.h"

#include "models/grid/grid_program.h"

static void use(const struct cy_grid_case *grid, const struct cy_grid_rules *rules)
{
    struct cy_grid_program program;

    cy_grid_program_make(grid, rules, &program);
    for (uint32_t j = 0; j < program.n_columns; j++) {
        CY_ASSERT(program.columns[j].lower <= program.columns[j].upper);
        CY_ASSERT(mpq_sgn(program.columns[j].quadratic) >= 0);
    }
    cy_grid_program_free(&program);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cy_desk desk = {.out = stdout, .err = stderr};
    struct cy_grid_case grid;
    struct cy_grid_rules rules;
    struct cy_desk_fault fault = {0};
    const uint8_t *cut = size > 1 << 16 ? NULL : memmem(data, size, "\n===\n", 5);
    const size_t n = cut == NULL ? size : (size_t)(cut - data);

    if (size > 1 << 16)
        return 0;
    if (cy_ok(cy_matpower_read(&desk, cy_span_of(data, n), CY_GRID_TAPS, &grid, &fault))) {
        if (cy_ok(cy_grid_rules_plain(&desk, &grid, &rules))) {
            if (cut != NULL && !cy_ok(cy_grid_charter_read(&grid, cy_span_of(cut + 5, size - n - 5),
                                                           &rules, &fault)))
                CY_ASSERT(fault.why[0] != 0);
            else
                use(&grid, &rules);
        }
    } else
        CY_ASSERT(fault.why[0] != 0);
    cy_grid_case_free(&grid);
    cy_desk_end(&desk);
    return 0;
}
