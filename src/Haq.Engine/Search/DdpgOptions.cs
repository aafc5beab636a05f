namespace Haq.Engine.Search;

/// <summary>The agent's hyperparameters; the defaults are the paper's.</summary>
public sealed record DdpgOptions
{
    /// <summary>Episodes of uniformly random actions before learning begins.</summary>
    public int WarmUp { get; init; } = 20;

    /// <summary>Units of the first hidden layer of actor and critic.</summary>
    public int Hidden1 { get; init; } = 300;

    /// <summary>Units of the second hidden layer of actor and critic.</summary>
    public int Hidden2 { get; init; } = 300;

    /// <summary>Adam's rate for the actor.</summary>
    public double ActorRate { get; init; } = 1e-4;

    /// <summary>Adam's rate for the critic.</summary>
    public double CriticRate { get; init; } = 1e-3;

    /// <summary>Share of the networks that moves into their targets at every update.</summary>
    public double SoftUpdate { get; init; } = 0.01;

    /// <summary>Discount of the next step's value.</summary>
    public double Discount { get; init; } = 1;

    /// <summary>Transitions per update.</summary>
    public int Batch { get; init; } = 64;

    /// <summary>Transitions kept, per layer of the network.</summary>
    public int ReplayPerLayer { get; init; } = 128;

    /// <summary>Weight of the newest batch in the moving average that centres rewards.</summary>
    public double RewardAverage { get; init; } = 0.5;

    /// <summary>Deviation of the exploration noise at the end of the warm-up.</summary>
    public double Noise { get; init; } = 0.5;

    /// <summary>Factor on the deviation per episode after the warm-up.</summary>
    public double NoiseDecay { get; init; } = 0.99;

    /// <summary>Reward per percentage point (λ in HAQ eq. 7).</summary>
    public double RewardScale { get; init; } = 0.1;

    /// <summary>The last layers of actor and critic start uniform within ± this.</summary>
    public double LastLayerInit { get; init; } = 3e-3;

    /// <summary>
    /// Proposals that the same actor makes, each with noise of a stream of its own, before all of them are learnt from; they can be measured at the same time. 1 as published. Part of what the result
    /// depends on: it is not the number of workers.
    /// </summary>
    public int Population { get; init; } = 1;

    /// <summary>How a policy is brought under the budget.</summary>
    public ProjectionKind Projection { get; init; } = ProjectionKind.Sequential;
}
