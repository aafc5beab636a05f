using System.Collections.Immutable;
using Haq.Engine.Search;

namespace Haq.Engine.Manifest;

/// <summary>HAQ's agent; the defaults are the paper's and its released code's.</summary>
/// <param name="Warmup">Episodes of uniformly random actions at the start.</param>
/// <param name="Hidden">Widths of the hidden layers of actor and critic.</param>
/// <param name="ActorLearningRate">Adam.</param>
/// <param name="CriticLearningRate">Adam.</param>
/// <param name="Tau">Soft update of the target networks.</param>
/// <param name="Discount">Discount of future rewards.</param>
/// <param name="Batch">Transitions per update.</param>
/// <param name="MemoryPerLayer">Transitions kept, per layer.</param>
/// <param name="NoiseSigma">Deviation of the exploration noise when the warm-up ends.</param>
/// <param name="NoiseDecay">Its factor per episode.</param>
/// <param name="RewardScale">Reward per percentage point of accuracy.</param>
/// <param name="MovingAverage">Weight of the newest reward in the average that centres rewards.</param>
/// <param name="LastLayerInit">Bound of the uniform initialization of the last layers.</param>
/// <param name="Population">Proposals before any of them is learnt from.</param>
/// <param name="Projection">How proposals are brought within the budget.</param>
public sealed record DdpgSettings(
    int Warmup, ImmutableArray<int> Hidden, double ActorLearningRate, double CriticLearningRate, double Tau, double Discount, int Batch, int MemoryPerLayer,
    double NoiseSigma, double NoiseDecay, double RewardScale, double MovingAverage, double LastLayerInit, int Population, ProjectionKind Projection);
