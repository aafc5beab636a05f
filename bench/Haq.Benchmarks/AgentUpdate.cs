using Haq.Benchmarks.Steps;
using Haq.Engine.Numerics;
using Haq.Engine.Search;
using Haq.Engine.Search.Ddpg;

namespace Haq.Benchmarks;

/// <summary>An update of the search's agent: actor and critic 10-400-300-1, batch 64, both targets.</summary>
internal sealed class AgentUpdate : ITrainingStep
{
    public const int Hidden1 = 400, Hidden2 = 300, Batch = 64;

    private readonly ActorCritic _agent;
    private readonly TwoHands _hands = new();
    private readonly Transition[] _batch;

    public AgentUpdate()
    {
        var random = new SeededRandom(1);
        _agent = new ActorCritic(new DdpgOptions { Hidden1 = Hidden1, Hidden2 = Hidden2, Batch = Batch }, random.Fork("agent"));
        float[] State() => [.. Enumerable.Range(0, LayerState.Size).Select(_ => (float)random.NextDouble())];
        _batch = [.. Enumerable.Range(0, Batch).Select(i => new Transition(State(), (float)random.NextDouble(), (float)random.NextNormal(), State(), i % 9 == 0))];
    }

    public void Step() => _agent.Learn(_batch, _hands);

    public void Dispose() => _hands.Dispose();
}
