/*
 * P-256's long products, as p256.h describes them, on a Cortex-M4 or M7; a Cortex-M3 has no UMAAL, which adds two
 * words to a product of two and cannot overflow, so that a row of a long multiplication needs no flags. The
 * instructions and the addresses are the same whatever the numbers are.
 */
#ifdef __ARM_FEATURE_DSP
        .syntax unified
        .thumb

/* --- the product ---------------------------------------------------------------------------------------- */

/*
 * One row: adds \ai * (b0..b3) to the window w0..w3 and puts its lowest word, which is final, at t[\at]. \top
 * comes in as what else belongs to the lowest word and leaves as the window's new highest word.
 */
.macro ROW ai, w0, w1, w2, w3, top, at
        umaal   \w0, \top, \ai, r3
        str     \w0, [sp, #4 + 4 * (\at)]
        umaal   \w1, \top, \ai, r4
        umaal   \w2, \top, \ai, r5
        umaal   \w3, \top, \ai, r6
.endm

/* The first row, on an empty window; the lowest word comes in as what belongs to it. */
.macro FIRST_ROW ai, w0, w1, w2, w3, top, at
        mov     \w1, #0
        umaal   \w0, \w1, \ai, r3
        str     \w0, [sp, #4 + 4 * (\at)]
        mov     \w2, #0
        umaal   \w1, \w2, \ai, r4
        mov     \w3, #0
        umaal   \w2, \w3, \ai, r5
        mov     \top, #0
        umaal   \w3, \top, \ai, r6
.endm

        .section .text.lk_p256_product, "ax", %progbits
        .balign 4

/* t = a * b with a at r1, b at r2 and t, 16 words, at sp: all of a with the lower half of b, then with its upper
   half. Changes r0-r12. */
        .type   product, %function
        .thumb_func
product:
        push    {lr}
        ldm     r2!, {r3-r6}
        ldm     r1!, {r0, r12, lr}
        mov     r7, #0
        FIRST_ROW r0, r7, r8, r9, r10, r11, 0
        mov     r7, #0
        ROW     r12, r8, r9, r10, r11, r7, 1
        mov     r8, #0
        ROW     lr, r9, r10, r11, r7, r8, 2
        ldm     r1!, {r0, r12, lr}
        mov     r9, #0
        ROW     r0, r10, r11, r7, r8, r9, 3
        mov     r10, #0
        ROW     r12, r11, r7, r8, r9, r10, 4
        mov     r11, #0
        ROW     lr, r7, r8, r9, r10, r11, 5
        ldm     r1!, {r0, r12}
        mov     r7, #0
        ROW     r0, r8, r9, r10, r11, r7, 6
        mov     r8, #0
        ROW     r12, r9, r10, r11, r7, r8, 7
        strd    r10, r11, [sp, #4 + 32]
        strd    r7, r8, [sp, #4 + 40]

        ldm     r2, {r3-r6}
        sub     r1, r1, #32
        ldm     r1!, {r0, r12, lr}
        ldr     r7, [sp, #4 + 16]
        FIRST_ROW r0, r7, r8, r9, r10, r11, 4
        ldr     r7, [sp, #4 + 20]
        ROW     r12, r8, r9, r10, r11, r7, 5
        ldr     r8, [sp, #4 + 24]
        ROW     lr, r9, r10, r11, r7, r8, 6
        ldm     r1!, {r0, r12, lr}
        ldr     r9, [sp, #4 + 28]
        ROW     r0, r10, r11, r7, r8, r9, 7
        ldr     r10, [sp, #4 + 32]
        ROW     r12, r11, r7, r8, r9, r10, 8
        ldr     r11, [sp, #4 + 36]
        ROW     lr, r7, r8, r9, r10, r11, 9
        ldm     r1, {r0, r12}
        ldr     r7, [sp, #4 + 40]
        ROW     r0, r8, r9, r10, r11, r7, 10
        ldr     r8, [sp, #4 + 44]
        ROW     r12, r9, r10, r11, r7, r8, 11
        strd    r10, r11, [sp, #4 + 48]
        strd    r7, r8, [sp, #4 + 56]
        pop     {pc}
        .size   product, . - product

        .global lk_p256_product
        .type   lk_p256_product, %function
        .thumb_func
lk_p256_product:
        push    {r0, r4-r11, lr}
        sub     sp, sp, #64
        bl      product
        ldr     r0, [sp, #64]
        pop     {r4-r11}
        stm     r0!, {r4-r11}
        pop     {r4-r11}
        stm     r0, {r4-r11}
        pop     {r0, r4-r11, pc}
        .size   lk_p256_product, . - lk_p256_product

/* --- modulo p ------------------------------------------------------------------------------------------- */

/*
 * p = 2^224 (2^32 - 1) + 2^192 + 2^96 - 1. As p = -1 modulo 2^96, the multiple m of p that makes the lower half
 * of t vanish is t + m 2^96 + m 2^192 + m 2^224 (2^32 - 1), taken word by word modulo 2^256.
 */
        .section .text.lk_p256_mul, "ax", %progbits
        .balign 4
        .global lk_p256_mul
        .type   lk_p256_mul, %function
        .thumb_func
lk_p256_mul:
        push    {r0, r4-r11, lr}
        sub     sp, sp, #64
        bl      product

        /* m in r4-r11; r0 = 1, r1 = 2^32 - 1; r2 is carried along the terms that are added, r3 along
           m 2^224 (2^32 - 1). */
        ldm     sp, {r4-r11}
        mov     r0, #1
        mvn     r1, #0
        mov     r2, #0
        mov     r3, #0
        adds    r7, r7, r4              /* m 2^96 */
        adcs    r8, r8, r5
        adcs    r9, r9, r6
        adcs    r10, r10, r7
        adcs    r11, r11, r8
        adc     r2, r2, #0
        adds    r10, r10, r4            /* m 2^192 */
        adcs    r11, r11, r5
        adc     r2, r2, #0
        umaal   r11, r3, r4, r1         /* m 2^224 (2^32 - 1) */

        /* The upper half of t, with what the multiple adds to it, takes the places of m as they fall free. */
        ldr     r4, [sp, #32]
        adds    r4, r4, r6
        umaal   r4, r2, r9, r0
        umaal   r4, r3, r5, r1
        ldr     r5, [sp, #36]
        adcs    r5, r5, r7
        umaal   r5, r2, r10, r0
        umaal   r5, r3, r6, r1
        ldr     r6, [sp, #40]
        adcs    r6, r6, r8
        umaal   r6, r2, r11, r0
        umaal   r6, r3, r7, r1
        adc     r2, r2, #0
        ldr     r7, [sp, #44]
        umaal   r7, r2, r9, r0
        umaal   r7, r3, r8, r1
        ldr     r8, [sp, #48]
        umaal   r8, r2, r10, r0
        umaal   r8, r3, r9, r1
        ldr     r9, [sp, #52]
        umaal   r9, r2, r11, r0
        umaal   r9, r3, r10, r1
        ldr     r10, [sp, #56]
        umaal   r10, r3, r11, r1
        adds    r10, r10, r2
        ldr     r11, [sp, #60]
        adcs    r11, r11, r3

        /* The sum is below 2^256 + p: p is taken off if it has a 257th bit. r2 becomes all ones then. */
        sbc     r2, r2, r2
        mvn     r2, r2
        and     r0, r0, r2
        subs    r4, r4, r2
        sbcs    r5, r5, r2
        sbcs    r6, r6, r2
        sbcs    r7, r7, #0
        sbcs    r8, r8, #0
        sbcs    r9, r9, #0
        sbcs    r10, r10, r0
        sbc     r11, r11, r2
        add     sp, sp, #64
        pop     {r0}
        stm     r0, {r4-r11}
        pop     {r4-r11, pc}
        .size   lk_p256_mul, . - lk_p256_mul

/* --- modulo n ------------------------------------------------------------------------------------------- */

/*
 * Adds m n to the window w0..w7 of t, with the m that makes its lowest word vanish. \w0 leaves as the word above
 * the window: t[\at] and the carries of this row and of the one before, which r0 brings. n7 and n5, n4 are all
 * ones, which r1 holds, and n6 is 0; lr is 1.
 */
.macro REDUCE_ROW w0, w1, w2, w3, w4, w5, w6, w7, at
        ldr     r12, =0xee00bc4f        /* -1 / n modulo 2^32 */
        mul     r2, \w0, r12            /* m */
        mov     r3, #0
        ldr     r12, =0xfc632551
        umaal   \w0, r3, r2, r12
        ldr     r12, =0xf3b9cac2
        umaal   \w1, r3, r2, r12
        ldr     r12, =0xa7179e84
        umaal   \w2, r3, r2, r12
        ldr     r12, =0xbce6faad
        umaal   \w3, r3, r2, r12
        umaal   \w4, r3, r2, r1
        umaal   \w5, r3, r2, r1
        adds    \w6, \w6, r3
        mov     r3, #0
        adc     r3, r3, #0
        umaal   \w7, r3, r2, r1
        ldr     \w0, [sp, #4 * (\at)]
        umaal   \w0, r3, r0, lr
        mov     r0, r3
.endm

        .section .text.lk_p256_mul_order, "ax", %progbits
        .balign 4
        .global lk_p256_mul_order
        .type   lk_p256_mul_order, %function
        .thumb_func
lk_p256_mul_order:
        push    {r0, r4-r11, lr}
        sub     sp, sp, #64
        bl      product

        ldm     sp, {r4-r11}
        mov     r0, #0
        mvn     r1, #0
        mov     lr, #1
        REDUCE_ROW r4, r5, r6, r7, r8, r9, r10, r11, 8
        REDUCE_ROW r5, r6, r7, r8, r9, r10, r11, r4, 9
        REDUCE_ROW r6, r7, r8, r9, r10, r11, r4, r5, 10
        REDUCE_ROW r7, r8, r9, r10, r11, r4, r5, r6, 11
        REDUCE_ROW r8, r9, r10, r11, r4, r5, r6, r7, 12
        REDUCE_ROW r9, r10, r11, r4, r5, r6, r7, r8, 13
        REDUCE_ROW r10, r11, r4, r5, r6, r7, r8, r9, 14
        REDUCE_ROW r11, r4, r5, r6, r7, r8, r9, r10, 15

        /* The sum is below 2^256 + n: n is taken off if it has a 257th bit. r2 becomes all ones then. */
        rsb     r2, r0, #0
        ldr     r12, =0xfc632551
        and     r12, r12, r2
        subs    r4, r4, r12
        ldr     r12, =0xf3b9cac2
        and     r12, r12, r2
        sbcs    r5, r5, r12
        ldr     r12, =0xa7179e84
        and     r12, r12, r2
        sbcs    r6, r6, r12
        ldr     r12, =0xbce6faad
        and     r12, r12, r2
        sbcs    r7, r7, r12
        sbcs    r8, r8, r2
        sbcs    r9, r9, r2
        sbcs    r10, r10, #0
        sbc     r11, r11, r2
        add     sp, sp, #64
        pop     {r0}
        stm     r0, {r4-r11}
        pop     {r4-r11, pc}
        .ltorg
        .size   lk_p256_mul_order, . - lk_p256_mul_order
#endif
