// The peer of `comity-bench match`: a flow at least cost, and an assignment, by LEMON's network
// simplex. FILE: the number of parties and of arcs, what is wanted of each party, then from, to,
// the most and the cost of each arc, as written by bench/match.c. assign N SEED: everybody of N to
// everybody of N, with costs drawn as there. Prints the seconds of the solver alone, and the cost.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <lemon/network_simplex.h>
#include <lemon/smart_graph.h>
#include <vector>

namespace
{

using Clock = std::chrono::steady_clock;

std::uint64_t draw(std::uint64_t &state)
{
    state += UINT64_C(0x9e3779b97f4a7c15);
    std::uint64_t v = state;

    v = (v ^ (v >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    v = (v ^ (v >> 27)) * UINT64_C(0x94d049bb133111eb);
    return v ^ (v >> 31);
}

template <typename Graph, typename Solver> int solve(Solver &simplex, Clock::time_point from)
{
    if (simplex.run() != Solver::OPTIMAL)
        return 1;
    const std::chrono::duration<double> took = Clock::now() - from;
    std::printf("%.9f %lld\n", took.count(), simplex.template totalCost<long long>());
    return 0;
}

struct Arc {
    std::uint32_t ends[2];
    std::int64_t most;
    std::int64_t cost;
};

int flow(const char *path)
{
    std::FILE *file = std::fopen(path, "rb");
    std::uint32_t sizes[2];

    if (file == nullptr || std::fread(sizes, sizeof sizes, 1, file) != 1)
        return 2;
    std::vector<std::int64_t> wants(sizes[0]);
    std::vector<Arc> arcs(sizes[1]);
    if (std::fread(wants.data(), 8, wants.size(), file) != wants.size() ||
        std::fread(arcs.data(), sizeof(Arc), arcs.size(), file) != arcs.size())
        return 2;
    std::fclose(file);

    using Graph = lemon::SmartDigraph;
    using Solver = lemon::NetworkSimplex<Graph, long long, long long>;
    const auto from = Clock::now();
    Graph graph;
    Graph::NodeMap<long long> supply(graph);
    Graph::ArcMap<long long> most(graph);
    Graph::ArcMap<long long> cost(graph);
    for (const std::int64_t want : wants)
        supply[graph.addNode()] = want;
    for (const Arc &arc : arcs) {
        const auto a = graph.addArc(graph.nodeFromId(static_cast<int>(arc.ends[0])),
                                    graph.nodeFromId(static_cast<int>(arc.ends[1])));
        most[a] = arc.most;
        cost[a] = arc.cost;
    }
    Solver simplex(graph);
    simplex.upperMap(most).costMap(cost).supplyMap(supply);
    return solve<Graph, Solver>(simplex, from);
}

int assign(int n, std::uint64_t seed)
{
    using Graph = lemon::SmartDigraph;
    using Solver = lemon::NetworkSimplex<Graph, int, long long>;
    const std::size_t arcs = static_cast<std::size_t>(n) * static_cast<std::size_t>(n);
    std::vector<std::int32_t> costs(arcs);

    for (std::int32_t &cost : costs)
        cost = static_cast<std::int32_t>(1 + draw(seed) % 1000000);
    const auto from = Clock::now();
    Graph graph;
    graph.reserveNode(2 * n);
    graph.reserveArc(static_cast<int>(arcs));
    Graph::ArcMap<long long> cost(graph);
    Graph::NodeMap<int> supply(graph);
    for (int i = 0; i < 2 * n; i++)
        supply[graph.addNode()] = i < n ? 1 : -1;
    for (std::size_t i = 0; i < arcs; i++)
        cost[graph.addArc(graph.nodeFromId(static_cast<int>(i) / n),
                          graph.nodeFromId(n + static_cast<int>(i) % n))] = costs[i];
    Solver simplex(graph); // no bounds: the supplies bound everything
    simplex.costMap(cost).supplyMap(supply);
    return solve<Graph, Solver>(simplex, from);
}

} // namespace

int main(int argc, char **argv)
{
    if (argc == 4 && std::strcmp(argv[1], "assign") == 0)
        return assign(std::atoi(argv[2]), std::strtoull(argv[3], nullptr, 10));
    return argc == 2 ? flow(argv[1]) : 2;
}
