// The peer of `comity-bench clear`: the same set-off by LEMON's network simplex, as the cheapest
// circulation where every cleared unit earns one. FILE: the number of parties and of obligations,
// then debtor, creditor and amount of each, as written by bench/clear.c. Prints the seconds of the
// solver alone, and what is cleared in all.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <lemon/network_simplex.h>
#include <lemon/smart_graph.h>
#include <vector>

int main(int argc, char **argv)
{
    std::FILE *file = argc == 2 ? std::fopen(argv[1], "rb") : nullptr;
    std::uint32_t parties = 0;
    std::uint32_t obligations = 0;
    lemon::SmartDigraph graph;

    if (file == nullptr || std::fread(&parties, sizeof parties, 1, file) != 1 ||
        std::fread(&obligations, sizeof obligations, 1, file) != 1)
        return 2;
    for (std::uint32_t i = 0; i < parties; i++)
        graph.addNode();
    std::vector<std::uint64_t> amounts(obligations);
    for (std::uint64_t &amount : amounts) {
        std::uint32_t ends[2];

        if (std::fread(ends, sizeof ends, 1, file) != 1 ||
            std::fread(&amount, sizeof amount, 1, file) != 1)
            return 2;
        graph.addArc(graph.nodeFromId(static_cast<int>(ends[0])),
                     graph.nodeFromId(static_cast<int>(ends[1])));
    }
    std::fclose(file);

    using Simplex = lemon::NetworkSimplex<lemon::SmartDigraph, long long, long long>;
    const auto from = std::chrono::steady_clock::now();
    lemon::SmartDigraph::ArcMap<long long> most(graph);
    lemon::SmartDigraph::ArcMap<long long> cost(graph, -1);
    for (std::uint32_t i = 0; i < obligations; i++)
        most[graph.arcFromId(static_cast<int>(i))] = static_cast<long long>(amounts[i]);
    Simplex simplex(graph);
    if (simplex.upperMap(most).costMap(cost).run() != Simplex::OPTIMAL)
        return 1;
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - from;
    std::printf("%.9f %lld\n", took.count(), -simplex.totalCost<long long>());
    return 0;
}
