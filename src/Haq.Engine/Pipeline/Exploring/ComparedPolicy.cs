using Haq.Engine.Evaluation;
using Haq.Engine.Hardware;
using Haq.Engine.Layers;

namespace Haq.Engine.Pipeline.Exploring;

/// <summary>One way of choosing the bits, on one budget.</summary>
/// <param name="Name">For example <c>auto</c> or <c>uniform w6a5</c>.</param>
/// <param name="Policy">What it chose.</param>
/// <param name="Cost">What that costs.</param>
/// <param name="Searched">Its score on the images that choices were made on.</param>
/// <param name="Unseen">Its score on images that no choice was made on.</param>
/// <param name="Evaluated">Different policies measured.</param>
/// <param name="Time">How long it took; scores that another search had left behind cost nothing.</param>
public sealed record ComparedPolicy(string Name, Policy Policy, NetworkCost Cost, PolicyScore Searched, PolicyScore Unseen, int Evaluated, TimeSpan Time);
