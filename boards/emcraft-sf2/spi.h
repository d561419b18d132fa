/* SPI 0 of the SmartFusion2's microcontroller subsystem (UG0331, chapter 11), as master of one chip. */
#ifndef LK_BOARDS_SF2_SPI_H
#define LK_BOARDS_SF2_SPI_H

#include <stddef.h>
#include <stdint.h>

void lk_sf2_spi_start(void);
/* As struct lk_spi_nor's. */
void lk_sf2_spi_transfer(const uint8_t *command, size_t command_len, const uint8_t *send, uint8_t *receive,
                         size_t len);

#endif
