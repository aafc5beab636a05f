using Haq.Engine.Autodiff;

namespace Haq.Benchmarks.Steps;

/// <summary>A step that is measured.</summary>
/// <param name="Name">As the tables name it.</param>
/// <param name="Torch">Arguments of <c>bench/pytorch/training_step.py</c>, the threads left out.</param>
/// <param name="Build">Makes it, for a number of threads.</param>
internal sealed record StepNetwork(string Name, string Torch, Func<KernelSet, int, ITrainingStep> Build)
{
    /// <summary>Threads of every contender, where nothing else is said.</summary>
    public const int Threads = 2;

    /// <summary>All of them.</summary>
    public static IReadOnlyList<StepNetwork> All { get; } =
    [
        MobileNet(0.25, 32, 64, true), MobileNet(0.5, 32, 64, true), MobileNet(1, 32, 64, true), MobileNet(0.25, 96, 32, true), MobileNet(0.5, 96, 32, true), MobileNet(1, 96, 16, true),
        MobileNet(0.25, 32, 64, false), MobileNet(0.5, 32, 64, false), MobileNet(1, 32, 64, false), MobileNet(0.25, 96, 32, false), MobileNet(1, 96, 16, false),
        ResNet(true), ResNet(false),
        new("DDPG update, 10-400-300-1, batch 64", "ddpg 0 0 64 float", (k, threads) => k == KernelSet.Custom ? new AgentUpdate() : new AgentGraph(threads)),
    ];

    /// <summary>Those whose name has the words; all without.</summary>
    public static IEnumerable<StepNetwork> Of(string? words) => All.Where(n => words is null || n.Name.Contains(words, StringComparison.OrdinalIgnoreCase));

    private static StepNetwork MobileNet(double width, int size, int batch, bool quantized) =>
        new(FormattableString.Invariant($"MobileNetV1-{width:0.0#}, {size}x{size}, batch {batch}, {(quantized ? "LSQ" : "float")}"),
            FormattableString.Invariant($"mobilenet {width} {size} {batch} {(quantized ? "lsq" : "float")}"),
            (k, threads) => TrainingNetwork.MobileNetV1(width, size, batch, quantized, k, threads));

    private static StepNetwork ResNet(bool quantized) =>
        new($"ResNet-20, 32x32, batch 64, {(quantized ? "LSQ" : "float")}", $"resnet 1.0 32 64 {(quantized ? "lsq" : "float")}", (k, threads) => TrainingNetwork.ResNet20(64, quantized, k, threads));
}
