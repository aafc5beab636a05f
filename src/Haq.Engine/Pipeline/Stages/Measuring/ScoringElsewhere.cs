using Haq.Engine.Pipeline.Parcels;
using Haq.Engine.Pipeline.Subjects;

namespace Haq.Engine.Pipeline.Stages.Measuring;

/// <param name="Workers">Who scores.</param>
/// <param name="Whole">All that scores on the search set depend on.</param>
/// <param name="Part">The same of the part that probes are measured on.</param>
/// <param name="Threads">How many pieces of work this process does at a time, where it has to.</param>
internal sealed record ScoringElsewhere(IScoringPools Workers, Func<SubjectSource> Whole, Func<SubjectSource> Part, int Threads);
