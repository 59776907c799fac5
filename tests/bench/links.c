/* SPDX-License-Identifier: ISC */
/*
 * For make bench: a program that does nothing but be linked with what the
 * helper is linked with.  What the helper takes beyond it is its own.
 */
int
main(void)
{
	return 0;
}
