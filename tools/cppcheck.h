/* What cppcheck must know of our macros; it reads each file without our headers (./check). */
#define CY_ASSERT(what)                                                                            \
    do {                                                                                           \
        if (!(what))                                                                               \
            abort();                                                                               \
    } while (0)
#define json_array_foreach(array, i, item)                                                         \
    for ((i) = 0; (i) < json_array_size(array) && ((item) = json_array_get(array, i)) != NULL;     \
         (i)++)
#define json_object_foreach(object, key, item)                                                     \
    for ((key) = first(object); (key) != NULL && ((item) = value_of(object, key)) != NULL;         \
         (key) = next(object, key))
