using Haq.Engine.Yaml;

namespace Haq.Engine.Manifest;

/// <summary>How the bits are chosen.</summary>
/// <param name="Strategy">The strategy's name.</param>
/// <param name="Episodes">Policies that an episodic strategy tries.</param>
/// <param name="Seed">The source of all randomness, splits of the data included.</param>
/// <param name="Evaluate">How a policy is scored.</param>
/// <param name="Sensitivity">How choices are scored one by one.</param>
/// <param name="Samples">How many samples of the search set a policy is scored on.</param>
/// <param name="FinetuneEpochs">Epochs of each candidate's training, with <see cref="SearchEvaluation.Finetuned"/>.</param>
/// <param name="FinetuneSamples">Training samples of an epoch of it, at most.</param>
/// <param name="TimeLimit">The search ends with its best so far when this has passed; null for none.</param>
/// <param name="Explore">What <c>auto</c> explores with.</param>
/// <param name="Agent">A trained agent to start from, or null.</param>
/// <param name="Ddpg">HAQ's agent.</param>
public sealed record SearchSettings(
    Located<string> Strategy, int Episodes, int Seed, SearchEvaluation Evaluate, SensitivityMethod Sensitivity, int Samples,
    int FinetuneEpochs, int FinetuneSamples, TimeSpan? TimeLimit, SearchExploration Explore, FileReference? Agent, DdpgSettings Ddpg)
{
    /// <summary>How many of the best candidates are timed on the device as whole files; null for none.</summary>
    public Located<int>? Measure { get; init; }
}
