/*
** Brings to the disk what was written, so that it outlives the machine's
** sudden end. Both return 0 or an errno.
*/
#ifndef UL_SYNC_H
#define UL_SYNC_H

int ul_sync_descriptor(int descriptor);

/* The folder in which `path` stands: its new and its gone names. */
int ul_sync_folder_of(const char *path);

#endif
