/* allocate_frontier: `comity allocate frontier`: efficiency against equity, on one plot.
 *
 * Efficiency is the sum of value times share, equity the least part of a claim that anybody gets.
 * From the most equal way to the one that is worth most, in equal steps of value: at each, of all
 * ways that are worth so much, the most equal one, decided and certified as by a charter's rule.
 * It shows people what a weight would cost before they vote it.
 *
 * Owns: nothing. Never: chooses a point. */
#ifndef CY_MODELS_ALLOCATE_ALLOCATE_FRONTIER_H
#define CY_MODELS_ALLOCATE_ALLOCATE_FRONTIER_H

#include "models/allocate/allocate_desk.h"

int cy_model_allocate_frontier(struct cy_desk *desk);

#endif
