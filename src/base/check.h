/* check: assertions that stay on. A failed check is a bug in this program, never bad input.
 *
 * Owns: the one crash path. Never: judges bytes that came from outside (that is a cy_err). */
#ifndef CY_BASE_CHECK_H
#define CY_BASE_CHECK_H

/* cy_panic prints the place and the broken condition to standard error and aborts. */
__attribute__((noreturn)) void cy_panic(const char *file, int line, const char *func,
                                        const char *what);

/* CY_ASSERT: cheap, compiled into every build. One condition each: split `a && b` in two lines. */
#define CY_ASSERT(cond)                                                                            \
    do {                                                                                           \
        if (!(cond))                                                                               \
            cy_panic(__FILE__, __LINE__, __func__, #cond);                                         \
    } while (0)

/* CY_NEVER marks a branch that no input can reach. */
#define CY_NEVER(why) cy_panic(__FILE__, __LINE__, __func__, why)

/* CY_VERIFY: costly checks of whole structures; debug and sanitizer builds only. */
#ifdef CY_CHECKED
#define CY_VERIFY(cond) CY_ASSERT(cond)
#else
#define CY_VERIFY(cond) ((void)sizeof(!(cond)))
#endif

#define CY_MUST_USE __attribute__((warn_unused_result))
#define CY_COUNT(a) (sizeof(a) / sizeof((a)[0]))

#endif
