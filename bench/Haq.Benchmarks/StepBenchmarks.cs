using BenchmarkDotNet.Attributes;
using Haq.Benchmarks.Steps;
using Haq.Engine.Autodiff;

namespace Haq.Benchmarks;

/// <summary>Training steps and the agent's update, each with the engine's kernels and in standard operators only.</summary>
[MemoryDiagnoser]
public class StepBenchmarks
{
    private ITrainingStep _kernels = null!;
    private ITrainingStep _standard = null!;

    /// <summary>What learns.</summary>
    [Params("MobileNetV1-0.25, 32x32", "MobileNetV1-0.25, 96x96", "ResNet-20", "DDPG update")]
    public string Network { get; set; } = "";

    /// <summary>Builds both forms.</summary>
    [GlobalSetup]
    public void Build()
    {
        ITrainingStep Make(KernelSet kernels) => Network switch
        {
            "MobileNetV1-0.25, 32x32" => TrainingNetwork.MobileNetV1(0.25, 32, 64, true, kernels, 2),
            "MobileNetV1-0.25, 96x96" => TrainingNetwork.MobileNetV1(0.25, 96, 32, true, kernels, 2),
            "ResNet-20" => TrainingNetwork.ResNet20(64, true, kernels, 2),
            _ => kernels == KernelSet.Custom ? new AgentUpdate() : new AgentGraph(2),
        };
        (_kernels, _standard) = (Make(KernelSet.Custom), Make(KernelSet.Standard));
    }

    /// <summary>Frees both.</summary>
    [GlobalCleanup]
    public void Free()
    {
        _kernels.Dispose();
        _standard.Dispose();
    }

    /// <summary>In standard operators.</summary>
    [Benchmark(Baseline = true)]
    public void Standard() => _standard.Step();

    /// <summary>With the engine's kernels.</summary>
    [Benchmark]
    public void Kernels() => _kernels.Step();
}
