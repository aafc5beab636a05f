using Haq.Engine.Diagnostics;
using Haq.Engine.Evaluation;
using Haq.Engine.Evaluation.Distributed;
using Haq.Engine.Layers;
using Haq.Engine.Pipeline.Parcels;
using Haq.Engine.Pipeline.Subjects;

namespace Haq.Engine.Tests.Pipeline.Subjects;

/// <summary>Nothing is packed for workers that are not there, and what they are given when they come has the same scores.</summary>
public sealed class PooledEvaluatorTests
{
    [Fact]
    public async Task A_subject_is_packed_when_a_worker_is_there_and_not_before()
    {
        using var project = new TinyProject();
        using var workspace = project.Open(TinyProject.Base);
        var (set, quantizer) = (workspace.SearchSet, workspace.Quantizer);
        Policy[] policies = [.. new LayerBits[] { new(8, 8), new(4, 8), new(2, 4) }.Select(b => Policy.Uniform(workspace.Model.Items.Length, b))];
        var measured = new MeasuredEvaluator(quantizer, set, integers: true);
        PolicyScore[] expected = [.. policies.Select(p => measured.Evaluate(p, CancellationToken.None))];

        int packed = 0;
        await using var workers = new Volunteers(digest => new LocalPool(digest, quantizer, set, 1));
        using var shared = new SharedSchedule(workers, threads: 2, _ => { });
        using var evaluator = new PooledEvaluator(
            shared, () =>
            {
                packed++;
                return workspace.Stages.SearchSubject;
            }, set, digest => new LocalPool(digest, quantizer, set, 2), _ => { }, CancellationToken.None);
        evaluator.Announce([.. policies.Select(p => new EvaluationRequest(p))]);
        Assert.Equal(expected[0], evaluator.Evaluate(policies[0], CancellationToken.None));
        Assert.Equal(0, packed);
        Assert.Equal("HAQ1972", Assert.Single(workers.Warnings).Descriptor.Code);

        workers.Workers = 1;
        Assert.Equal(expected[1], evaluator.Evaluate(policies[1], CancellationToken.None));
        Assert.Equal(expected[2], evaluator.Evaluate(policies[2], CancellationToken.None));
        Assert.Equal(1, packed);
        Assert.InRange(workers.Pieces, 2, int.MaxValue);

        // All are gone: what was packed stands, and this process works again.
        workers.Workers = 0;
        Assert.Equal(measured.Evaluate(policies[2], policies[0], CancellationToken.None), evaluator.Evaluate(policies[2], policies[0], CancellationToken.None));
        Assert.Equal(1, packed);
    }

    private sealed class Volunteers(Func<string, LocalPool> open) : IScoringPools, ISubjectPool
    {
        private readonly List<LocalPool> _pools = [];
        private readonly List<Diagnostic> _warnings = [];
        private LocalPool? _pool;
        private int _pieces;

        public string Said => "of the tests";

        public TimeSpan Wait => TimeSpan.Zero;

        public int Workers { get; set; }

        public int Pieces => _pieces;

        public int Capacity => _pool is null ? 0 : Workers;

        public IReadOnlyList<Diagnostic> Warnings => _warnings;

        public bool IsGivenUp { get; set; }

        public IDisposable Listen(IProgress<string> messages) => new MemoryStream();

        public void Warn(Diagnostic warning) => _warnings.Add(warning);

        public ISubjectPool Open() => this;

        public void Add(SubjectParcel parcel) => _pools.Add(_pool = open(parcel.Digest));

        public Task<SampleScore[]> ScoreAsync(ScoringWork work, CancellationToken cancellation)
        {
            Interlocked.Increment(ref _pieces);
            return _pool!.ScoreAsync(work, cancellation);
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var pool in _pools) await pool.DisposeAsync();
            _pools.Clear();
        }
    }
}
