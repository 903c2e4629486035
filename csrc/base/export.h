/* Marks the one symbol a module shows; all others stay hidden. */
#ifndef UL_EXPORT_H
#define UL_EXPORT_H

#define UL_EXPORT __attribute__((visibility("default")))

#endif
