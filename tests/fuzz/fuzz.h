/* fuzz: what a fuzz target looks like. One file fuzz_NAME.c, one line in CMakeLists.txt, and inputs
 * worth keeping in corpus/NAME/. The target must not keep state from one input to the next. */
#ifndef CY_TESTS_FUZZ_H
#define CY_TESTS_FUZZ_H

#include "base/bytes.h"
#include "base/check.h"

/* LLVMFuzzerTestOneInput decodes the bytes and asserts what must hold for any bytes: a refusal, or
 * a value that encodes to the same bytes. Returns 0. The name is libFuzzer's. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
