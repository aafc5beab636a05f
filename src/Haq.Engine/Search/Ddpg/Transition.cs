namespace Haq.Engine.Search.Ddpg;

/// <summary>One step of an episode.</summary>
/// <param name="State">What the actor saw.</param>
/// <param name="Action">What it did, in [0, 1].</param>
/// <param name="Reward">The episode's final reward.</param>
/// <param name="Next">The state after it.</param>
/// <param name="IsLast">Nothing comes after it.</param>
internal readonly record struct Transition(float[] State, float Action, float Reward, float[] Next, bool IsLast);
