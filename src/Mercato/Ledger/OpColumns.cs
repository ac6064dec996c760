namespace Mercato.Ledger;

/// <summary>The columns of `ops` as plain SQL: what admission writes, and what the end of a call fills in.</summary>
internal static class OpColumns
{
    public const string Insert =
        """
        INSERT INTO ops (account_id, id, user_id, api_key_id, node_id, epoch, lease_id, state, bound_nano, budget_nano,
            progress_nano, created_at, model, offer_id, provider, price_version, is_byok, is_stream, dialect, app,
            app_url, cost_nano, operator_loss_nano)
        VALUES {rows}
        """;

    public const string Close =
        """
        WITH v(account_id, id, state, closed_at, model, offer_id, provider, price_version, is_byok, cost_nano,
            list_cost_nano, operator_loss_nano, input_tokens, output_tokens, cached_tokens, reasoning_tokens,
            usage_source, settlement, settlement_reason, finish_reason, upstream_id, first_byte_ms, duration_ms,
            line_items, attempts) AS (VALUES {rows})
        UPDATE ops SET state = v.state, closed_at = v.closed_at, model = v.model, offer_id = v.offer_id,
            provider = v.provider, price_version = v.price_version, is_byok = v.is_byok, cost_nano = v.cost_nano,
            list_cost_nano = v.list_cost_nano, operator_loss_nano = v.operator_loss_nano,
            input_tokens = v.input_tokens, output_tokens = v.output_tokens, cached_tokens = v.cached_tokens,
            reasoning_tokens = v.reasoning_tokens, usage_source = v.usage_source, settlement = v.settlement,
            settlement_reason = v.settlement_reason, finish_reason = v.finish_reason, upstream_id = v.upstream_id,
            first_byte_ms = v.first_byte_ms, duration_ms = v.duration_ms, line_items = v.line_items,
            attempts = v.attempts
        FROM v WHERE ops.account_id = v.account_id AND ops.id = v.id
        """;

    public static object?[] InsertRow(Op op) =>
    [
        op.AccountId, op.Id, Sql.Optional(op.UserId), Sql.Optional(op.ApiKeyId), op.NodeId, op.Epoch, op.LeaseId,
        Names.Text(OpState.Open), op.BoundNano, Sql.Optional(op.BudgetNano), 0, op.CreatedAt, op.Model,
        Sql.Optional(op.OfferId), op.Provider, Sql.Optional(op.PriceVersion), op.IsByok, op.IsStream, op.Dialect,
        Sql.Optional(op.App), Sql.Optional(op.AppUrl), 0, 0,
    ];

    public static object?[] CloseRow(Op op) =>
    [
        op.AccountId, op.Id, Names.Text(op.State), Sql.Optional(op.ClosedAt), op.Model, Sql.Optional(op.OfferId),
        op.Provider, Sql.Optional(op.PriceVersion), op.IsByok, op.CostNano, Sql.Optional(op.ListCostNano),
        op.OperatorLossNano, Sql.Optional(op.InputTokens), Sql.Optional(op.OutputTokens),
        Sql.Optional(op.CachedTokens), Sql.Optional(op.ReasoningTokens), Sql.Optional(op.UsageSource),
        Sql.Optional(op.Settlement is { } settlement ? Names.Text(settlement) : null),
        Sql.Optional(op.SettlementReason), Sql.Optional(op.FinishReason), Sql.Optional(op.UpstreamId),
        Sql.Optional(op.FirstByteMs), Sql.Optional(op.DurationMs), Sql.Optional(op.LineItems),
        Sql.Optional(op.Attempts),
    ];
}
