using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Mercato.Data.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class KeptConversations : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "kept_conversations",
                columns: table => new
                {
                    account_id = table.Column<Guid>(type: "uuid", nullable: false),
                    id = table.Column<string>(type: "text", nullable: false),
                    sealed_metadata = table.Column<byte[]>(type: "bytea", nullable: true),
                    created_at = table.Column<long>(type: "bigint", nullable: false),
                    expires_at = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_kept_conversations", x => new { x.account_id, x.id });
                });

            migrationBuilder.CreateTable(
                name: "kept_turns",
                columns: table => new
                {
                    account_id = table.Column<Guid>(type: "uuid", nullable: false),
                    conversation_id = table.Column<string>(type: "text", nullable: false),
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    sealed_items = table.Column<byte[]>(type: "bytea", nullable: false),
                    holder = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_kept_turns", x => new { x.account_id, x.conversation_id, x.id });
                    table.ForeignKey(
                        name: "fk_kept_turns_kept_conversations_account_id_conversation_id",
                        columns: x => new { x.account_id, x.conversation_id },
                        principalTable: "kept_conversations",
                        principalColumns: new[] { "account_id", "id" },
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "ix_kept_conversations_expires_at",
                table: "kept_conversations",
                column: "expires_at");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "kept_turns");

            migrationBuilder.DropTable(
                name: "kept_conversations");
        }
    }
}
