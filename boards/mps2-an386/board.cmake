set(LATCHKEY_CPU_FLAGS "-mcpu=cortex-m4 -mfpu=fpv4-sp-d16 -mfloat-abi=hard")
set(LATCHKEY_QEMU qemu-system-arm -M mps2-an386)
