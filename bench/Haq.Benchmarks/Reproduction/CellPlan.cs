namespace Haq.Benchmarks.Reproduction;

/// <summary>Every cell of the reproduction, those first that say most.</summary>
internal static class CellPlan
{
    /// <summary>Episodes of HAQ's agent; the paper's 600 take too long for a table of this size.</summary>
    public const int Episodes = 150;

    /// <summary>Episodes on the network that a trained agent is carried over to.</summary>
    public const int TransferEpisodes = 40;

    /// <summary>Seconds that a search has.</summary>
    public const int TimeLimit = 90;

    /// <summary>Epochs where the network is trained after the choice.</summary>
    public const int Epochs = 3;

    /// <summary>The budget of the agent that is carried over, and where it learned.</summary>
    public const string TransferBudget = "6 bit", TransferHardware = "bismo-cloud", Teacher = "mobilenet-v1-0.25", Pupil = "mobilenet-v2";

    /// <summary>BitFusion's array with results that are stored in the width in which they are read.</summary>
    public const string Narrow = "bitfusion-narrow";

    private const string Edge = "bismo-edge", Cloud = "bismo-cloud", Small = "resnet-8", Cifar = "resnet-20";

    /// <summary>Seeds of every cell.</summary>
    public static IReadOnlyList<int> Seeds { get; } = [1, 2, 3];

    /// <summary>The targets that every policy is priced on.</summary>
    public static IReadOnlyList<string> Targets { get; } = [Edge, Cloud, "bitfusion", Narrow];

    /// <summary>Methods on every budget, in the order they run: what one measures, the next need not.</summary>
    public static IReadOnlyList<string> Methods { get; } = ["uniform", "rule", "knapsack", "auto", "ddpg"];

    /// <summary>All cells.</summary>
    public static IEnumerable<Cell> All =>
    [
        .. Large(1), .. Size(1), .. Small8(1), .. Size(2), .. Size(3), .. Between(1), .. Transfer(1), .. Small8(2), .. Small8(3), .. Tuned(1), .. Large(2), .. Large(3), .. Between(2), .. Between(3),
        .. Transfer(2), .. Transfer(3), .. Tuned(2), .. Tuned(3), .. Seeds.SelectMany(Others),
    ];

    /// <summary>A target's name or file.</summary>
    public static string HardwareOf(string target) => target == Narrow ? Path.Combine(AppContext.BaseDirectory, "Reproduction", Narrow + ".yaml") : target;

    private static IEnumerable<Cell> Large(int seed) =>
    [
        .. EightBit(seed, Teacher, [Edge, Cloud], Quantity.Latency), .. EightBit(seed, Teacher, [Narrow], Quantity.Energy),
        .. On(seed, Teacher, Cloud, Quantity.Latency, ["6 bit"], Methods),
        .. On(seed, Teacher, Edge, Quantity.Latency, ["6 bit"], Methods),
        .. On(seed, Teacher, Narrow, Quantity.Energy, ["0.8x"], Methods),
        .. On(seed, Teacher, Narrow, Quantity.Energy, ["0.9x"], WithoutAgent),
    ];

    // Where 8 bit's accuracy is kept, without training.
    private static IEnumerable<Cell> Between(int seed) =>
    [
        .. On(seed, Teacher, Cloud, Quantity.Latency, ["0.85x"], Methods),
        .. On(seed, Teacher, Edge, Quantity.Latency, ["0.85x"], Methods),
    ];

    private static IEnumerable<Cell> Size(int seed) => On(seed, Small, Edge, Quantity.Size, ["4 bit", "3 bit", "0.083x"], WithoutAgent);

    private static IEnumerable<Cell> Small8(int seed) =>
    [
        .. EightBit(seed, Small, [Edge, Cloud], Quantity.Latency), .. EightBit(seed, Small, [Narrow], Quantity.Energy),
        .. On(seed, Small, Edge, Quantity.Latency, ["0.6x", "4 bit"], Methods),
        .. On(seed, Small, Cloud, Quantity.Latency, ["0.6x", "4 bit"], Methods),
        .. On(seed, Small, Narrow, Quantity.Energy, ["0.8x", "4 bit"], Methods),
    ];

    private static IEnumerable<Cell> Transfer(int seed) => ((string?[])[null, Teacher]).Select(teacher =>
        new Cell(new CellGroup(Pupil, TransferHardware, Quantity.Latency, TransferBudget, seed) { Episodes = TransferEpisodes, Teacher = teacher }, "ddpg"));

    private static IEnumerable<Cell> Tuned(int seed) =>
        ((string[])["0.9x", "0.8x"]).Select(budget => new Cell(new CellGroup(Teacher, Narrow, Quantity.Energy, budget, seed) { Epochs = Epochs }, "auto"));

    private static IEnumerable<Cell> Others(int seed) =>
    [
        .. On(seed, Cifar, Edge, Quantity.Size, ["4 bit", "3 bit", "0.083x"], WithoutAgent),
        .. On(seed, "squeezenet", Edge, Quantity.Size, ["4 bit", "3 bit"], WithoutAgent),
    ];

    private static IReadOnlyList<string> WithoutAgent => [.. Methods.Where(m => m != "ddpg")];

    private static IEnumerable<Cell> EightBit(int seed, string network, string[] targets, Quantity quantity) =>
        targets.Select(t => new Cell(new CellGroup(network, t, quantity, "8 bit", seed), "uniform"));

    private static IEnumerable<Cell> On(int seed, string network, string target, Quantity quantity, string[] budgets, IReadOnlyList<string> methods) =>
        budgets.SelectMany(budget => methods.Select(method => new Cell(new CellGroup(network, target, quantity, budget, seed), method)));
}
