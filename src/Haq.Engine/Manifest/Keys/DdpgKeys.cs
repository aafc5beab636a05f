using System.Collections.Immutable;
using Haq.Engine.Search;

namespace Haq.Engine.Manifest.Keys;

/// <summary><c>search.ddpg:</c>.</summary>
internal static class DdpgKeys
{
    private static readonly ValueKind<double> s_rate = Kinds.Number(0, 1);

    private static readonly Key<int> s_warmup = new("warmup", Kinds.Integer(0, 1_000_000), 20, "20", "episodes of uniformly random actions at the start");

    private static readonly Key<ImmutableArray<int>> s_hidden = new("hidden", Kinds.ListOf(Kinds.Integer(1, 65_536), single: false, min: 2, max: 2), [300, 300], "[300, 300]",
        "widths of the two hidden layers");

    private static readonly Key<double> s_actorRate = new("actor-learning-rate", s_rate, 1e-4, "1e-4", "of the actor's Adam");

    private static readonly Key<double> s_criticRate = new("critic-learning-rate", s_rate, 1e-3, "1e-3", "of the critic's Adam");

    private static readonly Key<double> s_tau = new("tau", s_rate, 0.01, "0.01", "soft update of the target networks");

    private static readonly Key<double> s_discount = new("discount", s_rate, 1, "1", "discount of future rewards");

    private static readonly Key<int> s_batch = new("batch", Kinds.Integer(1, 65_536), 64, "64", "transitions per update");

    private static readonly Key<int> s_memory = new("memory", Kinds.Integer(1, 1_000_000), 128, "128", "transitions kept, per layer");

    private static readonly Key<double> s_sigma = new("noise", s_rate, 0.5, "0.5", "deviation of the exploration noise after the warm-up");

    private static readonly Key<double> s_decay = new("noise-decay", s_rate, 0.99, "0.99", "its factor per episode");

    private static readonly Key<double> s_rewardScale = new("reward-scale", Kinds.Number(1e-9, 1e9), 0.1, "0.1", "reward per percentage point of accuracy");

    private static readonly Key<double> s_average = new("moving-average", s_rate, 0.5, "0.5", "weight of the newest reward in the average that centres rewards");

    private static readonly Key<double> s_init = new("last-layer-init", Kinds.Number(1e-9, 1), 3e-3, "3e-3", "bound of the last layers' uniform initialization");

    private static readonly Key<int> s_population = new("population", Kinds.Integer(1, 1024), 1, "1",
        "proposals that are made before any of them is learnt from, so that as many workers measure at the same time; 1 is the paper's");

    private static readonly Key<ProjectionKind> s_projection = new("projection", Kinds.OneOf<ProjectionKind>(), ProjectionKind.Sequential, "sequential",
        "how proposals are brought within the budget; sequential is the paper's");

    public static readonly KeyGroup Group = new(
        s_warmup, s_hidden, s_actorRate, s_criticRate, s_tau, s_discount, s_batch, s_memory, s_sigma, s_decay, s_rewardScale, s_average, s_init, s_population, s_projection);

    public static readonly ValueKind<DdpgSettings> Kind = Kinds.Mapping(Group, Read);

    public static readonly DdpgSettings Default = new(
        s_warmup.WhenAbsent, s_hidden.WhenAbsent, s_actorRate.WhenAbsent, s_criticRate.WhenAbsent, s_tau.WhenAbsent, s_discount.WhenAbsent, s_batch.WhenAbsent,
        s_memory.WhenAbsent, s_sigma.WhenAbsent, s_decay.WhenAbsent, s_rewardScale.WhenAbsent, s_average.WhenAbsent, s_init.WhenAbsent, s_population.WhenAbsent, s_projection.WhenAbsent);

    private static DdpgSettings Read(Section section) => new(
        section.Get(s_warmup), section.Get(s_hidden), section.Get(s_actorRate), section.Get(s_criticRate), section.Get(s_tau), section.Get(s_discount),
        section.Get(s_batch), section.Get(s_memory), section.Get(s_sigma), section.Get(s_decay), section.Get(s_rewardScale), section.Get(s_average),
        section.Get(s_init), section.Get(s_population), section.Get(s_projection));
}
